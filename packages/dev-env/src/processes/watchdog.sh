#!/bin/sh
# Reads from its parent what to end, and ends it once the parent is gone: standard input is a pipe that
# only the parent holds, so it closes with the parent, however that died.
#
#   process PID:SIGNAL    gets SIGNAL; after 3 s its group is killed
#   mount PATH            unmounted, even while in use
#   folder PATH           removed last
#   forget ENTRY          as it was given
#   hurry                 killed at once, without SIGNAL
trap '' HUP INT TERM
set -f

entries=''
newline='
'
IFS=$newline

forget() {
  kept=''
  for entry in $entries; do
    [ "$entry" = "$1" ] || kept="$kept$newline$entry"
  done
  entries=$kept
}

each_process() {
  for entry in $entries; do
    case $entry in process\ *) entry=${entry#process }; "$1" "${entry%:*}" "${entry#*:}" ;; esac
  done
}

ask() { kill -s "$2" "$1"; kill -s CONT "$1"; }
end() { kill -s KILL -- "-$1"; }
# A zombie has ended; its new parent may take a while to notice.
note() { kill -s 0 "$1" && ! grep -qs '^State:[[:space:]]*Z' "/proc/$1/status" && alive=yes; }

left=30
while read -r line; do
  case $line in
    forget\ *) forget "${line#forget }" ;;
    hurry) left=0 ;;
    *) entries="$line$newline$entries" ;;
  esac
done

[ $left -eq 0 ] || each_process ask
alive=yes
while [ $alive = yes ] && [ $left -gt 0 ]; do
  alive=no
  each_process note
  [ $alive = no ] || sleep 0.1
  left=$((left - 1))
done
each_process end

for entry in $entries; do
  case $entry in mount\ *) umount -l "${entry#mount }" ;; esac
done
for entry in $entries; do
  case $entry in folder\ *) rm -rf -- "${entry#folder }" ;; esac
done
