#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion: bash's own variables are set as it sets them, and COMPREPLY read.

# What a test does to its own copy of a variable ends with it, and what is in
# single quotes is for another shell.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154
bats_require_minimum_version 1.5.0
load helper

setup() {
	BIN=$BATS_TEST_TMPDIR/bin
	mkdir "$BIN"
	ln -s "$(realpath "$(command -v "$MIGCTL")")" "$BIN/vfio-migctl"
	PATH=$BIN:$PATH
	COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
	# shellcheck source=completions/vfio-migctl
	source "$SOURCE/completions/vfio-migctl"
}

# Completes the line, with the cursor at its end; bash splits it as readline does.
complete_line() {
	local line=$1 rest word='' char i

	COMP_LINE=$line COMP_POINT=${#line} COMP_WORDS=() COMPREPLY=()
	rest=$line
	for ((i = 0; i < ${#rest}; i++)); do
		char=${rest:i:1}
		case $char in
		' ')
			[[ -z $word ]] || COMP_WORDS+=("$word")
			word=
			;;
		[:=])
			if [[ $COMP_WORDBREAKS == *"$char"* ]]; then
				[[ -z $word ]] || COMP_WORDS+=("$word")
				COMP_WORDS+=("$char")
				word=
			else
				word+=$char
			fi
			;;
		*) word+=$char ;;
		esac
	done
	# After a blank there is an empty word; after a ':' or '=', seen in bash 5.2, none.
	[[ -z $word && $line == *[:=] && $COMP_WORDBREAKS == *"${line: -1}"* ]] || COMP_WORDS+=("$word")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	# In a list, for an interactive shell has no errexit.
	_vfio_migctl vfio-migctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" || return
}

# offers LINE [WORD...]: these words, in any order, and no others.
offers() {
	local wanted got

	complete_line "$1"
	got=$(printf '%s\n' "${COMPREPLY[@]}" | sort)
	wanted=$(printf '%s\n' "${@:2}" | sort)
	[[ $got == "$wanted" ]] || {
		echo "$1<TAB> gives: ${COMPREPLY[*]}"
		echo "it should give: ${*:2}"
		return 1
	} >&2
}

# A program that logs what it is asked, and knows two devices.
stub() {
	rm -f "$BIN/vfio-migctl"
	cat >"$BIN/vfio-migctl" <<-'STUB'
		#!/bin/sh
		printf '%s|' "$@" >>"$0.log"
		echo >>"$0.log"
		case $1 in
		--list-commands) printf '%s\n' set get frob ;;
		--list-options) printf '%s\n' --json -j --timeout= ${2:+--deep=} ;;
		--list-values) printf '%s\n' one two ;;
		--list-words) printf '%s\n' 0000:06:00.1 0000:06:00.2 'group:26' '$(touch pwned)' ;;
		esac
	STUB
	chmod +x "$BIN/vfio-migctl"
}

last_asked() {
	tail -1 "$BIN/vfio-migctl.log"
}

@test "commands" {
	# shellcheck disable=SC2046 # words
	offers "vfio-migctl " $(vfio-migctl --list-commands)
	offers "vfio-migctl s" show set save set-migratable
	offers "vfio-migctl --json -q s" show set save set-migratable
	offers "vfio-migctl --timeout 5 s" show set save set-migratable
	offers "vfio-migctl --timeout=5 -- s" show set save set-migratable
	offers "vfio-migctl x"
	offers "vfio-migctl help s" show set save set-migratable
	offers "vfio-migctl help set "
}

@test "options: global ones before the command, its own as well after it" {
	offers "vfio-migctl --t" --trace --timeout=
	offers "vfio-migctl --do"
	offers "vfio-migctl table --d" --dot
	offers "vfio-migctl set x --d" --direct --dry-run
	offers "vfio-migctl list --t" --trace --timeout=
	offers "vfio-migctl table -j --t" --trace --timeout= --table=
	offers "vfio-migctl hold --rea" --ready-fd=
	# After it comes a program of any name.
	offers "vfio-migctl hold 0000:06:00.1 -- vfio-migct" vfio-migctl
	offers "vfio-migctl get -- --j"
}

@test "values of options, as a word of their own and behind the =" {
	offers "vfio-migctl table --table " posted reviewed open
	offers "vfio-migctl table --table re" reviewed
	offers "vfio-migctl table --table=" posted reviewed open
	offers "vfio-migctl table --table=p" posted
	offers "vfio-migctl --color=n" never
	offers "vfio-migctl table --caps stop-copy,pr" stop-copy,pre-copy
	offers "vfio-migctl table --caps " stop-copy stop-copy,p2p stop-copy,pre-copy stop-copy,p2p,pre-copy
	offers "vfio-migctl --color=" auto always never
	offers "vfio-migctl table --timeout "
	offers "vfio-migctl --protocol " $(vfio-migctl --list-commands)
}

@test "values where = breaks no words" {
	COMP_WORDBREAKS=${COMP_WORDBREAKS//[=]/}
	offers "vfio-migctl table --table=p" --table=posted
	offers "vfio-migctl table --table=" --table=posted --table=reviewed --table=open
}

@test "the option that wants a value leaves the next word alone" {
	offers "vfio-migctl explain --table posted run" running running-p2p
	offers "vfio-migctl --timeout explain s" show set save set-migratable
	offers "vfio-migctl table --table posted " v1 v2
}

@test "states: all but error at first, then only what may follow" {
	offers "vfio-migctl set nosuchdevice " stop running stop-copy resuming running-p2p pre-copy pre-copy-p2p
	offers "vfio-migctl set nosuchdevice stop-copy " stop running resuming running-p2p
	offers "vfio-migctl set nosuchdevice pre-copy stop" stop stop-copy
	offers "vfio-migctl set --direct nosuchdevice running stop" stop stop-copy
	offers "vfio-migctl set nosuchdevice stop-copy pre"
	offers "vfio-migctl set 0000:06:00.1 stop-copy pre"
	offers "vfio-migctl set nosuchdevice sideways "
	offers "vfio-migctl explain stop-copy pre" pre-copy pre-copy-p2p
	offers "vfio-migctl explain stop running "
}

@test "the table's words, and none where no word goes" {
	offers "vfio-migctl table " v1 v2
	offers "vfio-migctl table v1 "
	offers "vfio-migctl set-migratable nosuchdevice o" on off
	offers "vfio-migctl set-migratable nosuchdevice on "
	offers "vfio-migctl list "
	offers "vfio-migctl bogus "
}

@test "names of files where files go, also for --raw=; devices for --for=" {
	cd "$BATS_TEST_TMPDIR"
	mkdir folder
	touch alpha.state 'alpha two' beta
	offers "vfio-migctl inspect al" alpha.state 'alpha two'
	offers "vfio-migctl save 0000:06:00.1 b" beta bin
	offers "vfio-migctl restore 0000:06:00.1 fo" folder
	offers "vfio-migctl inspect --raw=be" beta
	offers "vfio-migctl check --against=be" beta
	offers "vfio-migctl bench --compare be" beta
	offers "vfio-migctl bench --compare beta al" alpha.state 'alpha two'
	offers "vfio-migctl inspect beta "
	offers "vfio-migctl save --ra" --rate= --raw
	offers "vfio-migctl inspect --ra" --raw=
	[[ $(vfio-migctl --list-values --for) == "$(vfio-migctl --list-words get)" ]]
	# The same name, and seconds.
	[[ -z $(vfio-migctl --list-values --for dirty) ]]
	[[ $(vfio-migctl --list-values --for inspect) == "$(vfio-migctl --list-words get)" ]]
	offers "vfio-migctl dirty 0000:06:00.1 st" start stop
	offers "vfio-migctl dirty 0000:06:00.1 start 0-4G rep" report
}

@test "devices: what the program is asked, and what is offered of it" {
	stub
	offers "vfio-migctl get gr" group:26
	assert_equal "$(last_asked)" "--list-words|get|"
	offers "vfio-migctl get nothing"
	complete_line "vfio-migctl -j set --deep 3 0000:06:00.1 stop "
	assert_equal "$(last_asked)" "--list-words|set|0000:06:00.1|stop|"
	complete_line "vfio-migctl set -- group:26 -x "
	assert_equal "$(last_asked)" "--list-words|set|group:26|-x|"
	offers "vfio-migctl get --deep t" two
	assert_equal "$(last_asked)" "--list-values|--deep|get|"
}

@test "devices with ':' are completed behind the last one" {
	stub
	offers "vfio-migctl get 0000:06:00.1" 00.1
	offers "vfio-migctl get 0000:" 06:00.1 06:00.2
	offers "vfio-migctl get 0000:06:0" 00.1 00.2
	offers "vfio-migctl get group:" 26
	offers "vfio-migctl get group:2" 26
	offers "vfio-migctl get 00" 0000:06:00.1 0000:06:00.2
	COMP_WORDBREAKS=${COMP_WORDBREAKS//:/}
	offers "vfio-migctl get 0000:06:0" 0000:06:00.1 0000:06:00.2
}

@test "what the program prints is never run" {
	stub
	cd "$BATS_TEST_TMPDIR"
	complete_line "vfio-migctl get "
	assert_equal "${#COMPREPLY[@]}" 4
	complete_line 'vfio-migctl get $('
	assert_equal "${COMPREPLY[*]}" '$(touch pwned)'
	assert [ ! -e pwned ]
}

@test "with the cursor inside a word, what is left of it counts" {
	COMP_LINE="vfio-migctl tabel" COMP_POINT=15 COMP_WORDS=(vfio-migctl tabel) COMP_CWORD=1
	_vfio_migctl vfio-migctl tab vfio-migctl || false
	assert_equal "${COMPREPLY[*]}" table
}

@test "a program that fails, or is not there, offers nothing and says nothing" {
	local line program

	for program in 'echo oops >&2; exit 3' 'kill -SEGV $$'; do
		rm -f "$BIN/vfio-migctl"
		printf '#!/bin/sh\n%s\n' "$program" >"$BIN/vfio-migctl"
		chmod +x "$BIN/vfio-migctl"
		for line in "vfio-migctl " "vfio-migctl -" "vfio-migctl get " "vfio-migctl table --table="; do
			run --separate-stderr offers "$line"
			assert_success
			assert_equal "$output$stderr" ""
		done
	done
	run --separate-stderr offers "./no/such/vfio-migctl get "
	assert_success
	assert_equal "$output$stderr" ""
}

@test "it is the program that was typed that is asked, sbin or not" {
	stub
	mkdir "$BATS_TEST_TMPDIR/other"
	printf '#!/bin/sh\necho typed\n' >"$BATS_TEST_TMPDIR/other/vfio-migctl"
	chmod +x "$BATS_TEST_TMPDIR/other/vfio-migctl"
	offers "$BATS_TEST_TMPDIR/other/vfio-migctl ty" typed
	offers "vfio-migctl f" frob
}

@test "with the bash-completion package it offers the same" {
	local library=/usr/share/bash-completion/bash_completion

	[[ -r $library ]] || skip "bash-completion is not installed"
	run env MIGCTL="$MIGCTL" bash --norc -c '
		source "$1"
		declare -F _init_completion >/dev/null || exit 9
		source "$2/completions/vfio-migctl"
		try() {
			COMP_LINE=$1 COMP_POINT=${#1} COMP_WORDS=("${@:2}") COMP_CWORD=$(($# - 2))
			_vfio_migctl vfio-migctl "${@: -1}" "${@: -2:1}"
			echo "${COMPREPLY[@]}"
		}
		try "vfio-migctl sh" vfio-migctl sh
		try "vfio-migctl table --table=p" vfio-migctl table --table = p
		try "vfio-migctl table --table=" vfio-migctl table --table =
		try "vfio-migctl set 0000:06:00.1 stop-copy r" vfio-migctl set 0000 : 06 : 00.1 stop-copy r
		try "vfio-migctl table --table op" vfio-migctl table --table op' - "$library" "$SOURCE"
	assert_success
	assert_output "$(printf '%s\n' show posted "posted reviewed open" "running resuming running-p2p" open)"
}

@test "it is registered for the command" {
	run complete -p vfio-migctl
	assert_output "complete -F _vfio_migctl vfio-migctl"
}
