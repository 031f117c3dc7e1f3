#!/usr/bin/env bash
# Writes the README of each chart from its values, below the folder that it is run in; needs helm-docs.
set -euo pipefail
docs() { helm-docs --chart-search-root charts --sort-values-order file --log-level warning "$@"; }
docs --chart-to-generate charts/common,charts/gateway,charts/auth,charts/chat,charts/feed,charts/profile,charts/kafka --template-files ./chart-readme.gotmpl
docs --chart-to-generate charts/wave-connect --template-files README.md.gotmpl
