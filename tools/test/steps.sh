# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# steps.sh - the table of all test steps (q: also with --quick), and what each does.
#
# Read runner.sh first. `names` holds the words from the command line that tests are filtered by.

step scripts	q "the scripts themselves: flags, counting, tidy's and newroom's own tests"
step tidy	q "limits, fences and habits of the whole tree"
step lint	. "eslint and the types of the web client, the SDK and the tests"
step api	q "the API file against the server's routes and codes, both ways"
step unit	q "unit tests in C; under ASan and UBSan unless --quick"
step sandbox	. "what is sandboxed, with the system call filter that sanitizers forbid"
step threads	. "unit tests with threads, under TSan"
step fuzz	. "each fuzz target for some seconds, under ASan and UBSan (clang)"
step simulate	. "the core from a seed, on a disk that fails, compared with a model"
step smoke	. "what a message costs: system calls, allocations, bytes, instructions"
step web	q "unit tests of the web client and the SDK"
step blackbox	q "behaviours of a real server over HTTP and WebSocket"
step journeys	. "people in two browsers"
step faults	. "processes killed, disks full, bytes flipped; a checker knows only what was acknowledged"

# Steps that can filter by name.
steps_named=(unit web blackbox journeys)
# With --quick only these of the black-box suites run.
blackbox_quick=(accounts chat sync)
fuzz_seconds=${GUANXI_FUZZ_SECONDS:-5}

export ASAN_OPTIONS=abort_on_error=1:strict_string_checks=1:detect_stack_use_after_return=0
export LSAN_OPTIONS=suppressions=$PWD/tools/test/lsan.supp:print_suppressions=0
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1

# build_c NAME OPTION…: build/NAME (or build itself, when NAME is empty).
build_c() {
	local dir=build${1:+/$1}
	shift
	[ -f "$dir/build.ninja" ] || meson setup "$dir" "$@"
	nice ninja -C "$dir"
}

# meson_tests DIR SUITE: those that `names` names, or all.
meson_tests() {
	local dir=$1 suite=$2 chosen=() name test
	if [ ${#names[@]} -gt 0 ]; then
		mapfile -t all < <(meson test -C "$dir" --list --suite "$suite" 2>/dev/null |
			sed 's/.* \/ //')
		for test in "${all[@]}"; do
			for name in "${names[@]}"; do
				[[ $test != *"$name"* ]] || chosen+=("$test")
			done
		done
		[ ${#chosen[@]} -gt 0 ] || return 0
	fi
	local rc=0
	meson test -C "$dir" --no-rebuild --suite "$suite" --print-errorlogs -t 3 \
		"${chosen[@]}" || rc=$?
	counted meson "$dir/meson-logs/testlog.json"
	return $rc
}

# vitest FOLDER REPORT ARGUMENT…
vitest() {
	local folder=$1 report=$test_dir/$2.json rc=0
	shift 2
	rm -f "$report"
	(cd "$folder" && npx vitest run --passWithNoTests --reporter=default --reporter=json \
		--outputFile.json="$report" "$@") || rc=$?
	counted vitest "$report"
	return $rc
}

step_scripts() {
	local rc=0
	[ "$quick" = no ] || export GUANXI_QUICK=1
	python3 -m unittest discover -s tools/test -p '*_test.py' -v >"$test_dir/unittest.txt" 2>&1 ||
		rc=$?
	cat "$test_dir/unittest.txt"
	counted unittest "$test_dir/unittest.txt"
	return $rc
}

step_tidy() {
	local rc=0
	python3 tools/tidy.py >"$test_dir/tidy.txt" || rc=$?
	cat "$test_dir/tidy.txt"
	counted plain "$test_dir/tidy.txt"
	return $rc
}

step_lint() {
	note npm run lint
	note npm run check --workspaces --if-present
}

step_api() {
	build_c ""
	note npm run api:lint
	note npm run api:check
	GUANXI_BINARY=$PWD/build/guanxi note npm run api:routes
}

step_unit() {
	local dir=build
	if [ "$quick" = yes ]; then
		build_c ""
	else
		dir=build/asan
		build_asan
	fi
	meson_tests $dir unit
}

step_sandbox() {
	build_c ""
	meson_tests build sandbox
}

build_asan() {
	build_c asan -Db_sanitize=address,undefined -Db_lundef=false
}

step_threads() {
	build_c tsan -Db_sanitize=thread -Db_lundef=false
	meson_tests build/tsan threads
}

step_fuzz() {
	CC=clang build_c fuzz -Db_sanitize=address,undefined -Db_lundef=false -Dfuzz=true \
		-Dtests=false
	local targets rc=0
	mapfile -t targets < <(find build/fuzz -name '*_fuzz' -type f -perm -u+x | sort)
	export -f fuzz_one
	export fuzz_seconds step_counts
	printf '%s\0' "${targets[@]}" | xargs -0 -P 2 -n 1 bash -euc 'fuzz_one "$1"' fuzz_one || rc=$?
	return $rc
}

# fuzz_one TARGET: what it found earlier serves as its corpus; seeds stand beside the source.
fuzz_one() {
	local name corpus seeds
	name=$(basename "$1")
	corpus=build/corpus/$name
	seeds=$(find server -type d -name "${name}_seeds")
	mkdir -p "$corpus" "build/test/$name"
	# shellcheck disable=SC2086
	if "$1" -max_total_time="$fuzz_seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="build/test/$name/" "$corpus" $seeds; then
		echo "1 0" >>"$step_counts"
	else
		echo "0 1" >>"$step_counts"
		return 1
	fi
}

# A failure says how to replay it; the random seed stands in the first line of its output.
step_simulate() {
	build_c ""
	note build/tests/sim/guanxi-sim --seed 1 --steps "${GUANXI_SIM_STEPS:-300000}"
	note build/tests/sim/guanxi-sim --steps 120000
	build_asan
	note build/asan/tests/sim/guanxi-sim --seed 7 --steps 20000 --length 10000
}

step_smoke() {
	build_c ""
	note bench/run smoke
}

step_web() {
	local rc=0
	vitest sdk sdk "${names[@]}" || rc=1
	vitest web web "${names[@]}" || rc=1
	return $rc
}

step_blackbox() {
	local dir=build rc=0 filter=("${names[@]}")
	if [ "$quick" = yes ]; then
		build_c ""
		[ ${#filter[@]} -gt 0 ] || filter=("${blackbox_quick[@]}")
	else
		dir=build/asan
		build_asan
	fi
	# What all files together must have seen is asked only when all files ran.
	[ ${#filter[@]} = 0 ] || filter+=(--project rooms)
	GUANXI_BINARY=$PWD/$dir/guanxi vitest tests blackbox "${filter[@]}" || rc=1
	# What a sanitizer's build leaves out: the filter of system calls.
	if [ "$dir" = build/asan ] && [ ${#names[@]} = 0 ]; then
		build_c ""
		GUANXI_BINARY=$PWD/build/guanxi vitest tests privilege --project rooms privilege || rc=1
	fi
	return $rc
}

step_journeys() {
	local report=$test_dir/journeys.json rc=0
	build_c ""
	build_web
	rm -f "$report"
	(cd tests && GUANXI_BINARY=$OLDPWD/build/guanxi PLAYWRIGHT_JSON_OUTPUT_NAME=$report \
		npx playwright test --reporter=list,json "${names[@]}") || rc=$?
	counted playwright "$report"
	return $rc
}

step_faults() {
	local rc=0
	build_c ""
	vitest tests faults --config faults/vitest.config.ts || rc=1
	GUANXI_BINARY=$PWD/build/guanxi tests/faults/run >"$test_dir/faults.txt" || rc=1
	cat "$test_dir/faults.txt"
	counted plain "$test_dir/faults.txt"
	return $rc
}

# note CMD…: a check without a count of its own; it counts as one.
note() {
	if "$@"; then
		echo "1 0" >>"$step_counts"
	else
		echo "0 1" >>"$step_counts"
	fi
}
