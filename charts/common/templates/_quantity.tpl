{{/* Argument: a quantity of memory or storage, such as 8Gi. In bytes, to compare by. */}}
{{- define "common.bytes" -}}
{{- $powers := dict "" 0 "k" 1 "K" 1 "M" 2 "G" 3 "T" 4 "P" 5 "E" 6 -}}
{{- $number := regexFind "^[0-9.]+" . -}}
{{- $unit := trimPrefix $number . -}}
{{- $bytes := float64 $number -}}
{{- range until (get $powers (trimSuffix "i" $unit) | int) -}}
{{- $bytes = mulf $bytes (hasSuffix "i" $unit | ternary 1024 1000) -}}
{{- end -}}
{{- $bytes -}}
{{- end -}}
