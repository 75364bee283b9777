# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# runner.sh - runs the steps of steps.sh one after the other and adds up what their runners counted.
#
# A step is a line `step NAME q|. WORDS` and a function step_NAME. It runs in a shell of its own
# under `set -e`, writes to build/test/NAME.log, and calls `counted RUNNER FILE` for each runner it
# started: the numbers come from that runner's own report. A step that ends with an error without
# counting a failure counts as one; so does a step that ran nothing.

test_dir=$PWD/build/test
steps_all=()
steps_quick=()
passed_total=0
failed_total=0
started_at=$SECONDS

step() {
	steps_all+=("$1")
	[ "$2" != q ] || steps_quick+=("$1")
}

tell() { printf '[%4d s] %s\n' $((SECONDS - started_at)) "$*"; }

# counted RUNNER FILE: adds what that runner reported in that file to the step's count.
counted() { python3 tools/test/count.py "$1" "$2" >>"$step_counts"; }

# Waits for the step's process, with a sign of life now and then.
await_step() {
	local pid=$1 name=$2 since=$SECONDS
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.2
		if [ $((SECONDS - since)) -ge 30 ]; then
			since=$SECONDS
			tell "$name: running"
		fi
	done
	wait "$pid"
}

run_step() {
	local name=$1 log=$test_dir/$1.log passed=0 failed=0 p f rc=0 begun=$SECONDS
	step_counts=$test_dir/$name.counts
	rm -rf "$step_counts"
	: >"$step_counts"
	tell "$name …"
	(
		set -euo pipefail
		"step_${name//-/_}"
	) >"$log" 2>&1 </dev/null &
	await_step $! "$name" || rc=$?
	while read -r p f; do
		passed=$((passed + p))
		failed=$((failed + f))
	done <"$step_counts"
	if [ $rc != 0 ] && [ $failed = 0 ]; then
		failed=1
	fi
	if [ $((passed + failed)) = 0 ] && [ ${#names[@]} = 0 ]; then
		echo "$name ran nothing" >>"$log"
		failed=1
	fi
	[ $failed = 0 ] || show_failure "$name" "$log"
	tell "$name: $passed passed, $failed failed ($((SECONDS - begun)) s)"
	passed_total=$((passed_total + passed))
	failed_total=$((failed_total + failed))
}

show_failure() {
	printf -- '---- %s: the end of %s\n' "$1" "${2#"$PWD"/}"
	tail -n 60 "$2"
	printf -- '----\n'
}

# The steps to run: those named, or all of this kind. Words that name no step are left in `names`
# for the steps to filter by.
choose_steps() {
	local name left=()
	chosen=()
	for name in "${names[@]}"; do
		if [[ " ${steps_all[*]} " == *" $name "* ]]; then
			chosen+=("$name")
		else
			left+=("$name")
		fi
	done
	names=("${left[@]}")
	if [ ${#chosen[@]} -gt 0 ]; then
		return 0
	elif [ ${#names[@]} -gt 0 ]; then
		chosen=("${steps_named[@]}")
	elif [ $quick = yes ]; then
		chosen=("${steps_quick[@]}")
	else
		chosen=("${steps_all[@]}")
	fi
}

run_steps() {
	local name
	mkdir -p "$test_dir"
	choose_steps
	for name in "${chosen[@]}"; do
		run_step "$name"
	done
	if [ $((passed_total + failed_total)) = 0 ]; then
		tell "nothing ran: no test is called that"
		failed_total=1
	fi
	printf '%d passed, %d failed\n' $passed_total $failed_total
	[ $failed_total = 0 ]
}
