#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The built-in tables, by the figures of the review and of the kernel's table.

# shellcheck disable=SC2016,SC2154 # words of others; what helper.bash sets
load helper

# figure ARGS...: the number of arcs that the JSON and the text agree on.
figure() {
	expect 0 table "$@" --json
	gojq '.arcs | length' "$BATS_TEST_TMPDIR/out"
}

@test "v1: posted has 11 arcs, reviewed 12, open 20" {
	assert_equal "$(figure v1 --table posted)" 11
	assert_equal "$(figure v1 --table reviewed)" 12
	assert_equal "$(figure v1 --table open)" 20
}

@test "v1, reviewed, is the default" {
	expect 0 table --json
	json '.protocol == "v1" and .table == "reviewed"'
}

@test "reviewed is posted and running to resuming" {
	expect 0 table --table posted --json
	gojq -c '.arcs[] | [.from, .to]' "$BATS_TEST_TMPDIR/out" | sort >"$BATS_TEST_TMPDIR/posted"
	expect 0 table --table reviewed --json
	gojq -c '.arcs[] | [.from, .to]' "$BATS_TEST_TMPDIR/out" | sort >"$BATS_TEST_TMPDIR/reviewed"
	run comm -13 "$BATS_TEST_TMPDIR/posted" "$BATS_TEST_TMPDIR/reviewed"
	assert_output '["running","resuming"]'
	run comm -23 "$BATS_TEST_TMPDIR/posted" "$BATS_TEST_TMPDIR/reviewed"
	assert_output ''
}

@test "the arcs as posted are those of the patch" {
	expect 0 table --table posted --json
	json '[.arcs[] | "\(.from)>\(.to)"] | sort == ([
		"stop>running", "stop>resuming",
		"running>stop", "running>stop-copy", "running>pre-copy",
		"stop-copy>stop", "stop-copy>running",
		"pre-copy>running", "pre-copy>stop-copy",
		"resuming>running", "resuming>stop"] | sort)'
}

@test "the open table is every pair of the five states, and none twice" {
	expect 0 table --table open --json
	json '(.states | length) == 5'
	json '[.arcs[] | [.from, .to]] | unique | length == 20'
	json 'all(.arcs[]; .from != .to and .from != "error" and .to != "error")'
}

@test "v1: every arc has an origin and a reason" {
	expect 0 table --table open --json
	json 'all(.arcs[]; (.origin | IN("posted", "review", "questioned")) and (.reason | length > 3))'
	json '[.arcs[] | select(.origin == "review")] | length == 1'
	json '[.arcs[] | select(.origin == "posted")] | length == 11'
}

@test "v2: 12, 20, 19 and 40 routes by the capabilities" {
	assert_equal "$(figure v2 --caps stop-copy)" 12
	assert_equal "$(figure v2 --caps stop-copy,p2p)" 20
	assert_equal "$(figure v2 --caps stop-copy,pre-copy)" 19
	assert_equal "$(figure v2 --caps stop-copy,p2p,pre-copy)" 40
}

@test "v2: all capabilities are the default, in any order and case" {
	expect 0 table v2 --json
	json '(.arcs | length) == 40 and .capabilities == ["stop-copy", "p2p", "pre-copy"]'
	expect 0 table v2 --json --caps Pre_Copy,STOP_COPY
	json '(.arcs | length) == 19'
}

@test "v2: what is blocked is stop-copy to pre-copy, with and without P2P" {
	expect 0 table v2 --json
	json '[.blocked[] | "\(.from)>\(.to)"] ==
		["stop-copy>pre-copy", "stop-copy>pre-copy-p2p"]'
	json 'all(.blocked[]; .reason | length > 3)'
	expect 0 table v2 --json --caps stop-copy,p2p
	json '.blocked == []'
}

@test "v2: routes end where they should, and go as the kernel's table does" {
	expect 0 table v2 --json
	json 'all(.arcs[]; .route[-1] == .to)'
	json '.arcs[] | select(.from == "pre-copy" and .to == "stop-copy") |
		.route == ["pre-copy-p2p", "stop-copy"]'
	json '.arcs[] | select(.from == "resuming" and .to == "pre-copy") |
		.route == ["stop", "running-p2p", "running", "pre-copy"]'
	json '[.arcs[].route | length] | max == 4'
	expect 0 table v2 --json --caps stop-copy
	json '.arcs[] | select(.from == "resuming" and .to == "running") |
		.route == ["stop", "running"]'
}

@test "--protocol and the word are the same; --caps alone means v2" {
	expect 0 table v2
	cp "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/word"
	expect 0 table --protocol v2
	cmp "$BATS_TEST_TMPDIR/word" "$BATS_TEST_TMPDIR/out"
	expect 0 table --caps stop-copy,p2p,pre-copy
	cmp "$BATS_TEST_TMPDIR/word" "$BATS_TEST_TMPDIR/out"
}

@test "the text says how many there are, and lists as many" {
	expect 0 table
	assert_equal "$(grep -c -E '^[a-z0-9-]+ +-> [a-z0-9-]+ +(posted|review|questioned)' "$BATS_TEST_TMPDIR/out")" 12
	assert_equal "${out%%$'\n'*}" "v1, table reviewed: 12 arcs"
	expect 0 table v2 --caps stop-copy,pre-copy
	assert_equal "$(grep -c -E '^[a-z0-9-]+( -> [a-z0-9-]+)+$' "$BATS_TEST_TMPDIR/out")" 19
	assert_equal "${out##*$'\n'}" "19 routes"
}

@test "JSON: the stable keys" {
	expect 0 table --json
	json '.schema == 1 and .command == "table"'
	json 'keys - ["arcs", "capabilities", "command", "protocol", "schema", "states", "table"] == []'
	json '.capabilities == null'
	expect 0 table v2 --json
	json '.table == null and has("blocked") and has("arcs") and has("states")'
	json '.states | length == 7'
}

@test "--pretty is the same object on several lines" {
	expect 0 table --json
	gojq . "$BATS_TEST_TMPDIR/out" >"$BATS_TEST_TMPDIR/plain"
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/out")" 1
	expect 0 table --json --pretty
	gojq . "$BATS_TEST_TMPDIR/out" | cmp - "$BATS_TEST_TMPDIR/plain"
	assert [ "$(wc -l <"$BATS_TEST_TMPDIR/out")" -gt 20 ]
}

@test "--dot has one edge an arc, and Graphviz reads it" {
	local args

	for args in "v1 --table posted:11" "v1:12" "v1 --table open:20" "v2:15" \
		"v2 --caps stop-copy:6" "v2 --caps stop-copy,p2p:8" "v2 --caps stop-copy,pre-copy:9"; do
		# shellcheck disable=SC2086 # words
		expect 0 table ${args%:*} --dot
		assert_equal "$args $(grep -c -- '->' <<<"$out")" "$args ${args##*:}"
	done
	command -v dot >/dev/null || skip "Graphviz is not installed"
	for args in v1 v2; do
		expect 0 table $args --dot
		run dot -Tsvg <<<"$out"
		assert_success
		assert_output --partial "<svg"
	done
}

@test "rules that contradict each other are a usage error" {
	local args

	for args in "v1 --caps stop-copy" "v2 --table open" "--protocol v2 --table open" \
		"v1 --protocol v2" "--dot --json" "v3" "--caps p2p" "--caps stop-copy,,p2p" \
		"--caps stop-copy," "--caps ,"; do
		# shellcheck disable=SC2086 # words
		expect 2 table $args
	done
}
