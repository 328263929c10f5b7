#!/usr/bin/env bash
# Newer servers than the system has, for the tests of rules and dashboards: Prometheus 3 with promtool, Alertmanager,
# and VictoriaMetrics with vmagent, vmalert and vmalert-tool. They come from Debian's newer suite and are unpacked
# into a cache folder; no package is installed. Prints the folder of the programs. Does nothing when they are there.
#
#   scripts/servers/fetch.sh            fetch, and print the folder
#   RULE_SERVERS=/folder …              another folder than ~/.cache/aimlapi-servers
set -euo pipefail

suite=forky
packages=(prometheus promtool prometheus-alertmanager victoria-metrics)
programs=(prometheus promtool prometheus-alertmanager victoria-metrics vmagent vmalert vmalert-tool)
folder=${RULE_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/aimlapi-servers}
bin=$folder/root/usr/bin

complete() {
  local program
  for program in "${programs[@]}"; do [ -x "$bin/$program" ] || return 1; done
}

fetch() {
  # The mirror that this machine already uses.
  local mirror
  mirror=$(cat /etc/apt/sources.list.d/*.sources 2>/dev/null | sed -n 's/^URIs: *//p' | grep -v security | head -n 1)
  [ -n "$mirror" ] || mirror=$(sed -n 's/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' /etc/apt/sources.list 2>/dev/null | head -n 1)
  [ -n "$mirror" ] || { echo 'fetch.sh: no Debian mirror is configured on this machine' >&2; return 1; }
  mkdir -p "$folder/lists/partial" "$folder/archives/partial" "$folder/downloads" "$folder/root"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$folder/sources.list"
  local apt=(apt-get -qq
    -o "Dir::Etc::SourceList=$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$folder/lists" -o "Dir::Cache=$folder/archives" -o APT::Sandbox::User=root)
  "${apt[@]}" update
  (cd "$folder/downloads" && rm -f ./*.deb && "${apt[@]}" download "${packages[@]}")
  local package
  for package in "$folder"/downloads/*.deb; do dpkg -x "$package" "$folder/root"; done
  rm -rf "$folder/lists" "$folder/archives" "$folder/downloads"
}

if ! complete; then fetch >&2; fi
complete || { echo "fetch.sh: not everything is in $bin" >&2; exit 1; }
echo "$bin"
