#!/usr/bin/env bash
# Serves on 127.0.0.1:8080 and creates the example tasks there, until Ctrl-C. make run
# builds bin/wt and calls this. WT_LISTEN, WT_DATA and WT are other values for the
# address, the data folder and the program.
set -euo pipefail
cd "$(dirname "$0")/.."
wt=${WT:-bin/wt}
data=${WT_DATA:-data}
work=$(mktemp -d)
pids=()

finish() {
	trap '' INT TERM
	for pid in ${pids[@]+"${pids[@]}"}; do kill "$pid" 2>/dev/null || true; done
	for pid in ${pids[@]+"${pids[@]}"}; do wait "$pid" || true; done
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 0' INT TERM

# What the two servers say first, their address, comes through a pipe, which stays
# open so that they may say more.
mkfifo "$work/host" "$work/standins"

"$wt" serve --listen "${WT_LISTEN:-127.0.0.1:8080}" --data "$data" --allow-egress 127.0.0.1/32 >"$work/host" &
host=$!
pids+=("$host")
exec 3<"$work/host"
if ! read -r line <&3; then
	wait "$host" # fails with the host's own exit code; the host has said why
	exit 1
fi
url=${line#* serves on }
url=${url%% *}
for ((i = 0; ; i++)); do
	curl -fsS -o "$work/health" "$url/healthz" && break
	((i < 50)) || exit 1
	sleep 0.2
done

(umask 077 && od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$work/key")
go build -o "$(dirname "$wt")/standins" ./examples/standins
"$(dirname "$wt")/standins" -key "$work/key" >"$work/standins" &
pids+=("$!")
exec 4<"$work/standins"
read -r services <&4

create() {
	"$wt" create "$@" --url "$url" --token "$(cat "$data/master.token")" --container default
}
token=$(create examples/token/token.js --secret signing_key=@"$work/key")
respoke=$(create examples/respoke/respoke.js --param base="$services/respoke" \
	--secret appId=demo-app --secret roleId=demo-role --secret appSecret=@"$work/key")
proxy=$(create examples/proxy/proxy.js --param base="$services/weather" --secret api_key=@"$work/key")
greet=$(create "$services/code/greet.js" --secret key=@"$work/key")

cat <<END

token: a signed token for a page
  $token
  curl '$token?user=ann'
  In a browser: $services/page/index.html?task=$token&api=$services/api/

respoke: an endpoint token from Respoke's REST API (a stand-in of it)
  $respoke
  curl '$respoke?endpointId=ann'

proxy: a weather API (a stand-in) without its key
  $proxy
  curl '$proxy?city=Bern'

greet: code at a URL. Edit examples/hosted/greet.js and call it again.
  $greet
  curl '$greet'

Ctrl-C ends the host and the stand-ins. The tasks stay in $data.
END
wait "$host"
