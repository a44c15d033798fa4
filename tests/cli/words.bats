#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Bad words in every position: a clear answer, no raw byte of theirs, no crash.
# Run with a program built with ASan and UBSan, too.

# shellcheck disable=SC2016,SC2154 # words of others; what helper.bash sets
load helper

setup() {
	export LC_ALL=C
	# What a sanitizer finds is a status of its own, not 1.
	export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=halt_on_error=1:exitcode=99:print_stacktrace=1
	declare -gA BAD=(
		[empty]=""
		[blank]=" "
		[long]=$(printf 'x%.0s' {1..300})
		[huge]=$(head -c 100000 /dev/zero | tr '\0' y)
		[long-utf8]=$(printf '\xc3\xa9%.0s' {1..150})
		[not-utf8]=$'a\xff\xfe\x80b'
		[cut-utf8]=$'a\xe2\x82'
		[c1-control]=$'a\xc2\x9b31mb'
		[parent]=../../etc/passwd
		[parent-mid]=pci/../../../etc/passwd
		[dots]=..
		[dot]=.
		[slash]=/
		[null]=/dev/null
		[vfio-node]=/dev/vfio/../null
		[folders]=a/b
		[nic]=eth0/vf99999999999999999999
		[nic-blanks]="eth0 vf -1"
		[nic-blank]="eth0 vf"
		[mac]=mac:1:2:3:4:5:6
		[mac-long]=mac:02:00:00:00:00:01:02
		[mac-zero]=mac:00:00:00:00:00:00
		[option]=--x
		[letter]=-Z
		[dash]=-
		[escape]=$'\e[31mred\e]0;title\a'
		[control]=$'a\x01\x08\x7fb'
		[newline]=$'stop\nrunning'
		[carriage]=$'stop\rrunning'
		[format]='%s%n%999999d'
		[number]=99999999999999999999999
		[negative-group]=group:-1
		[big-group]=group:4294967296
		[shell]='$(id);`id`'
		[json]='"},{"x":"'
	)
}

# What any answer must be, whatever the word was.
sane() {
	local what=$1 lines

	[[ $status -eq 2 || $status -eq 3 ]] || blame "$what: exit 2 or 3"
	[[ $out$err != *[$'\x01'-$'\x09'$'\x0b'-$'\x1f'$'\x7f']* ]] || blame "$what: a raw control byte"
	[[ $out$err != *$'\xc2'[$'\x80'-$'\x9f']* ]] || blame "$what: a raw C1 control"
	# Most answers are ASCII, and iconv need not be asked about them.
	[[ $out$err != *[$'\x80'-$'\xff']* ]] || iconv -f UTF-8 -t UTF-8 <<<"$out$err" >/dev/null ||
		blame "$what: not UTF-8"
	[[ $out != "{"*"}" ]] || return 0
	[[ -z $out ]] || blame "$what: data"
	mapfile -t lines <<<"$err"
	[[ ${lines[0]} == "vfio-migctl: "?*": "?* && ${#lines[@]} -le 2 ]] || blame "$what: not one line"
	[[ ${#lines[0]} -lt 700 && ${#lines[1]} -lt 700 ]] || blame "$what: not clear, but long"
}

# Each bad word at the end of the words given, and before what follows `@`.
try() {
	local name before=() after=()

	while (($#)) && [[ $1 != @ ]]; do
		before+=("$1")
		shift
	done
	(($#)) && after=("${@:2}")
	for name in "${!BAD[@]}"; do
		migctl "${before[@]}" "${BAD[$name]}" "${after[@]}"
		sane "${before[*]} <$name> ${after[*]}"
	done
}

# The same as JSON, which gojq reads once for all words.
try_json() {
	local name before=("$@")

	: >"$BATS_TEST_TMPDIR/all"
	for name in "${!BAD[@]}"; do
		migctl --json "${before[@]}" "${BAD[$name]}" running
		[[ $status -eq 2 || $status -eq 3 ]] || blame "--json ${before[*]} <$name>"
		[[ -n $out && -z $err ]] || blame "--json ${before[*]} <$name>: no object"
		cat "$BATS_TEST_TMPDIR/out" >>"$BATS_TEST_TMPDIR/all"
	done
	iconv -f UTF-8 -t UTF-8 "$BATS_TEST_TMPDIR/all" >/dev/null
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/all")" "${#BAD[@]}"
	run gojq -es --argjson count "${#BAD[@]}" 'length == $count and all(.[]; .schema == 1 and
		(.error.kind | IN("usage", "no-device")) and (.error.message | length > 5))' \
		"$BATS_TEST_TMPDIR/all"
	assert_success
}

@test "as the command" {
	try
	try_json
}

@test "as the device" {
	try get
	try show
	try reset
	try set @ stop
	try_json set
}

@test "as a state" {
	try explain @ stop
	try explain stop
	try set nosuchdevice
	try set nosuchdevice stop @ running
	try_json explain
}

@test "as the protocol, and where no word goes" {
	try table
	try list
	try get nosuchdevice
	try_json table
}

@test "as an option's value" {
	local name

	try table --table
	try table --protocol
	try table --caps
	try get nosuchdevice --vf-token
	for name in "${!BAD[@]}"; do
		# Alone these are numbers of seconds, if of many.
		migctl list --timeout="${BAD[$name]}"
		sane "--timeout=<$name>"
		migctl list --color="${BAD[$name]}"
		sane "--color=<$name>"
		migctl table "--table=${BAD[$name]}" --json
		sane "--table=<$name>"
		# An option's name made of it.
		migctl list "--${BAD[$name]//[=]/}x"
		sane "--<$name>x"
	done
}

@test "-- ends the options, and is no word itself" {
	local args

	expect 0 table --
	expect 0 list --
	for args in -- "get --" "explain running --" "set nosuchdevice --" "get -- --x" "-- --x" \
		"explain -- -Z --" "table -- --"; do
		# shellcheck disable=SC2086 # words
		migctl $args
		sane "$args"
	done
}

@test "what completion asks never fails on them, and prints words only" {
	local name args

	for name in "${!BAD[@]}"; do
		for args in "--list-options" "--list-values" "--list-words" "--list-words set" \
			"--list-words set nosuchdevice" "--list-words explain"; do
			# shellcheck disable=SC2086 # words
			migctl $args "${BAD[$name]}"
			[[ $status -eq 0 && -z $err ]] || blame "$args <$name>"
			[[ $out != *[!$'\n'a-zA-Z0-9:._+@,=-]* ]] || blame "$args <$name>: not words"
		done
	done
}

@test "very many words" {
	local many

	mapfile -t many < <(yes stop | head -5000)
	migctl explain "${many[@]}"
	sane "explain, 5000 words"
	migctl set nosuchdevice "${many[@]}"
	sane "set, 5000 words"
	migctl "${many[@]/stop/--json}"
	[[ $status -eq 2 ]] || blame "5000 times --json"
	expect 0 --list-words set "${many[@]}"
}
