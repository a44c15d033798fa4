#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual against the program: neither has what the other lacks.

# shellcheck disable=SC2016,SC2154 # words of others; what helper.bash sets
load helper

setup() {
	MAN=$SOURCE/man/vfio-migctl.8
}

# "--name" and "-x" of every Fl in the mdoc on stdin.
flags() {
	grep -oE '\bFl -?[A-Za-z0-9][A-Za-z0-9-]*' | sed 's/^Fl /-/' | sort -u
}

# As the program tells them, without the "=" of those that take a value.
options() {
	"$MIGCTL" --list-options "$@" | tr -d = | sort -u
}

# The entry of the command $1 under COMMANDS.
entry() {
	sed -n '/^\.Sh COMMANDS/,/^\.Sh JSON/p' "$MAN" |
		awk -v name="$1" '/^\.It (Xo )?Ic / { on = $0 ~ "Ic " name "( |$)" } on'
}

commands_in_man() {
	sed -n '/^\.Sh COMMANDS/,/^\.Sh JSON/p' "$MAN" | grep -oP '^\.It (Xo )?Ic \K[a-z-]+'
}

@test "every command of the program is in the manual, and the other way round" {
	run diff <("$MIGCTL" --list-commands | sort) <(commands_in_man | sort)
	assert_output ""
	assert [ "$(commands_in_man | wc -l)" -ge 7 ]
}

@test "every option of the program is in the manual, and the other way round" {
	local command

	run diff <({
		options
		for command in $("$MIGCTL" --list-commands); do
			options "$command"
		done
	} | sort -u) <(flags <"$MAN")
	assert_output ""
}

@test "every option has an item of its own under OPTIONS" {
	run diff <(sed -n '/^\.Sh OPTIONS/,/^\.Sh COMMANDS/p' "$MAN" | grep '^\.It' | flags) \
		<(flags <"$MAN")
	assert_output ""
}

@test "the entry of every command has the options that it takes, and no others" {
	local command

	for command in $("$MIGCTL" --list-commands); do
		run diff <(comm -23 <(options "$command") <(options)) \
			<(entry "$command" | sed -E '/^(Does not touch|Opens|Changes) /,$d' | flags)
		[[ -z $output ]] || blame "$command: $output"
	done
}

@test "the entry of every command says whether it touches the device, as --help does" {
	local command

	for command in $("$MIGCTL" --list-commands); do
		expect 0 "$command" --help
		out=${out//$'\n'/ }
		case $(entry "$command") in
		*$'\nDoes not touch the device.'*) [[ $out == *"(does not touch the device)"* ]] ;;
		*$'\nOpens the device.'*) [[ $out == *"(opens the device)"* ]] ;;
		*$'\nChanges the device.'*) [[ $out == *"(changes the device)"* ]] ;;
		*) false ;;
		esac || blame "$command"
	done
}

@test "the values of options are all in the manual" {
	local option value text

	for option in --color --table --protocol; do
		# To the next item, or in what stands in its line.
		text=$(awk -v name="Fl ${option#-}" '/^\.It / { on = index($0, name) } on' "$MAN")
		for value in $("$MIGCTL" --list-values "$option"); do
			[[ $text == *"Cm $value"* ]] || blame "$option=$value"
		done
	done
}

@test "every state word is in the manual" {
	local state

	expect 0 table v2 --json
	for state in error $(gojq -r '.states[]' "$BATS_TEST_TMPDIR/out"); do
		grep -qE "^\.Cm $state( |$)" "$MAN" || blame "$state"
	done
}

@test "exit status 0 to 12, each once and in order" {
	run bash -c 'sed -n "/^\.Sh EXIT STATUS/,/^\.El/p" "$1" | grep -oP "^\.It \K[0-9]+$" | xargs' - "$MAN"
	assert_output "0 1 2 3 4 5 6 7 8 9 10 11 12"
}

@test "the sections are there, in mdoc's order" {
	run bash -c 'grep -oP "^\.Sh \K.*" "$1" | paste -sd,' - "$MAN"
	assert_output "NAME,SYNOPSIS,DESCRIPTION,OPTIONS,COMMANDS,JSON,ENVIRONMENT,FILES,EXIT STATUS,EXAMPLES,SEE ALSO,CAVEATS"
}

@test "the figures of the tables are the program's" {
	local table

	for table in posted reviewed open; do
		expect 0 table --table $table
		[[ $out =~ ^v1,\ table\ $table:\ ([0-9]+)\ arcs ]]
		grep -A1 -x "\.Cm $table" "$MAN" | grep -qE "^\(${BASH_REMATCH[1]} arcs" || blame "$table"
	done
}

@test "mandoc has nothing to warn of" {
	command -v mandoc >/dev/null || skip "mandoc is not installed"
	run mandoc -Tlint -W warning "$MAN"
	assert_success
	assert_output ""
}

@test "the examples of the manual are read by the program" {
	local line count=0

	# With no device of that address; what matters is that nothing is a usage error.
	while IFS= read -r line; do
		line=${line#[\$#] vfio-migctl }
		# shellcheck disable=SC2086 # words
		migctl ${line%% |*}
		[[ $status -ne 2 ]] || blame "$line"
		count=$((count + 1))
	done < <(grep -E '^[$#] vfio-migctl ' "$MAN" | sed 's/0000:06:00.[12]/fffe:ff:1f.7/')
	assert [ "$count" -ge 7 ]
}
