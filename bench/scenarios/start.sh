# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
about="starting with 1,000,000 accounts and 10,000,000 messages on disk, until the first answer"
seed="--accounts 1000000 --friends 1 --messages 10000000"
targets="first_answer_s<=2 rss_mb<=200"

# The first start after seeding makes the indexes that a running server would have made long ago; the second
# one is measured, from the command to the answer of /healthz, then a page of history, all with a warm disk cache.
scenario_steps() {
	local begun now
	server_start
	server_stop
	port=$(free_port)
	begun=$(date +%s%N)
	server_begin
	until curl -sf "http://127.0.0.1:$port/healthz" >/dev/null; do
		kill -0 "$server_pid" || die "the server ended"
		sleep 0.01
	done
	now=$(date +%s%N)
	curl -sf "http://127.0.0.1:$port/api/v1/conversations/1000000/messages" \
		-H "Authorization: Bearer 1.bench-session-that-opens-nothing-0000000001" >"$work/page"
	grep -q '"seq":1,' "$work/page" || die "not the page that was asked for"
	emit "scenario=$name server=guanxi first_answer_s=$(seconds_between "$begun" "$now")" \
		"first_page_s=$(seconds_between "$now" "$(date +%s%N)") pss_mb=$(server_pss_mb)" \
		"rss_mb=$(server_rss_mb)"
}
