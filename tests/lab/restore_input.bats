# What can be wrong with what is to be restored. A file is checked before the device is touched, a pipe as it is read; either way
# the device never runs on with a part.
# shellcheck disable=SC2015,SC2030,SC2031,SC2034 # a && b || tell; one test is one shell; what says reads
load helpers

setup() { lab_setup && own_dir; }

# Sets WANTED to what is said of a state that spoil made: wanted NAME
wanted() {
	case $1 in
	flip-file-magic | cut-file-magic) WANTED='this is no saved state of vfio-migctl: it does not begin as one does' ;;
	flip-file-*) WANTED='the saved state is damaged: the file header: ' ;;
	flip-META-first) WANTED='the saved state is damaged: block 0 (META) at byte 16: the check of its payload is ' ;;
	flip-DATA-first) WANTED=': block 2 (DATA) at byte ' ;;
	flip-END-type | flip-END-head | flip-END-flags | flip-END-length | flip-END-check) WANTED=': the check of its header is ' ;;
	flip-END-*) WANTED=' (END) at byte ' ;;
	cut-*) WANTED='the saved state is damaged: it ends at byte ' ;;
	more-*) WANTED=': more follows it at byte ' ;;
	*) WANTED='the saved state is damaged: ' ;;
	esac
}

# spoiled PROTOCOL [NAME...]: a state in s, of a size that leaves zeros behind each block; and what can become of it in bad.
spoiled() {
	describe_sim a "protocol=$1" state_size=9999 chunk_size=3333 && describe_sim d "protocol=$1" state_size=9999 chunk_size=3333 generation=5 || return
	run_migctl 0 save migsim-a s && mkdir bad && "$BATS_TEST_DIRNAME/spoil" s bad "${@:2}"
}

# Not a bit of a file may be another one, whatever --force says.
from_file() {
	local bad n=0
	spoiled v1 || return
	for bad in bad/*; do
		wanted "${bad#*/}"
		run_migctl 11 restore migsim-d "$bad" --force && says ": $bad: th" "$WANTED" || return
		n=$((n + 1))
	done
	[ $n -ge 40 ] && stat_is d opens 0 || return
	run_migctl 11 restore migsim-d bad/flip-DATA-last -j &&
		json '.error.kind == "bad-state" and .error.errno == "EBADMSG" and .digest == null and .bytes == null and .state == null' || return
	# Standard input can be a file, and it need not be at its beginning.
	run_migctl 11 restore migsim-d - <bad/cut-END-payload && stat_is d opens 0 || return
	{ echo some words; cat s; } >both && { read -r _; run_migctl 0 restore migsim-d -; } <both && same_state a d
}
@test "a file that is damaged: the device is not opened" { untraced from_file; }

from_pipe() {
	local bad sets=0 before
	spoiled "$1" flip-META-first flip-DATA-{length,first,zeros} flip-END-{type,chain,digest} cut-{file,META-payload,DATA-{before,payload},END-header} \
		block-{lost,doubled,swapped} more-byte || return
	for bad in bad/*; do
		wanted "${bad#*/}"
		status=0 output='' before=$sets
		stderr=$(vfio-migctl restore migsim-d - --force 2>&1 < <(cat "$bad")) || status=$?
		[ "$status" -eq 11 ] || { show_run "$bad: exit $status"; return 1; }
		says ": standard input: th" "$WANTED" && left_in d running || return
		sets=$(sim_stat d sets)
		[ "$sets" = "$before" ] || says '; migsim-d was reset, and is running' || return
	done
	[ "$(<"$SIMS/d/generation")" = 5 ] && [[ $(<"$SIMS/d/loaded_checksum") != *[1-9a-f]* ]]
}
@test "a pipe with damage, v1: the device is reset" { untraced from_pipe v1; }
@test "a pipe with damage, v2: the device is reset" { untraced from_pipe v2; }

# More than the program's buffers take is in the device before the damage is seen. What cannot be reset is left, and that is said.
late() {
	local bad
	describe_sim a "protocol=$1" state_size=12000000 chunk_size=1000000 && describe_sim d "protocol=$1" state_size=12000000 chunk_size=1000000 || return
	describe_sim n "protocol=$1" state_size=12000000 chunk_size=1000000 reset=0 || return
	run_migctl 0 save migsim-a s && mkdir bad && "$BATS_TEST_DIRNAME/spoil" s bad flip-END-digest cut-END-header || return
	for bad in flip-END-digest cut-END-header; do
		status=0 output=
		stderr=$(vfio-migctl restore migsim-d - 2>&1 < <(cat bad/$bad)) || status=$?
		wanted $bad
		[ "$status" -eq 11 ] && says "$WANTED" '; migsim-d was reset, and is running' && left_in d running || return
	done
	stat_is d resets 2 && [ "$(sim_stat d bytes_in)" -gt 1000000 ] && [ "$(<"$SIMS/d/load_result")" = none ] || return
	status=0
	stderr=$(vfio-migctl restore migsim-n - 2>&1 < <(cat bad/$bad)) || status=$?
	[ "$status" -eq 8 ] && says "$WANTED" 'migsim-n: it holds a part of a state' 'it is left in resuming' && left_in n resuming
}
@test "a pipe with damage at its end, v1" { untraced late v1; }
@test "a pipe with damage at its end, v2" { untraced late v2; }

# The saving side fails: what the restoring side has is a part.
upstream() {
	describe_sim a "protocol=$1" state_size=12000000 && describe_sim d "protocol=$1" state_size=12000000 || return
	sim_fault a 'data-read EIO at=11000000' || return
	{ vfio-migctl save migsim-a - 2>err && echo 0 >code || echo $? >code; } | { vfio-migctl restore migsim-d - 2>err2 && echo 0 >code2 || echo $? >code2; }
	[ "$(<code) $(<code2)" = '1 11' ] || { cat err err2; return 1; }
	[[ $(<err) = *'migsim-a: Input/output error'* && $(<err2) = *'standard input: the saved state is damaged: it ends at byte'*'migsim-d was reset, and is running'* ]] ||
		{ cat err err2; return 1; }
	left_in a running && left_in d running && stat_is d resets 1
}
@test "the save that feeds a restore fails, v1" { untraced upstream v1; }
@test "the save that feeds a restore fails, v2" { untraced upstream v2; }

foreign() {
	local no='this is no saved state of vfio-migctl: '
	describe_sim a protocol=v2 && describe_sim d protocol=v2 || return
	run_migctl 0 save migsim-a s && run_migctl 0 save migsim-a raw --raw || return
	: >empty
	echo 'this is a text' >text
	zstd -q text -o text.zst && tail -c +2 s >late || return
	sed 's/\r$//' s >unix
	run_migctl 11 restore migsim-d empty && says "empty: ${no}it is empty" || return
	for file in text text.zst raw late unix; do
		run_migctl 11 restore migsim-d $file && says "$file: ${no}it does not begin as one does" || return
	done
	err_has 'a transfer in text mode changed its line ends' || return
	zstd -q s -o s.zst && head -c -20 s.zst >cut.zst && run_migctl 11 restore migsim-d cut.zst &&
		says 'cut.zst is damaged: zstd' 'its last frame is cut short' || return
	run_migctl 1 restore migsim-d . && says '. is a folder' || return
	run_migctl 1 restore migsim-d nowhere && says 'cannot open nowhere: No such file' || return
	run_migctl 1 restore migsim-d /proc/self/mem && says 'cannot read /proc/self/mem after 0 bytes: Input/output error' || return
	stat_is d opens 0 && run_migctl 0 restore migsim-d s.zst && same_state a d
}
@test "what is no saved state" { untraced foreign; }

UUID=6f1de5a2-0c1c-4f0e-9c59-0000000000b0

# --force overrides who it is of. What the driver makes of it is the driver's: migsim takes its stream by either protocol.
identity() {
	describe_sim one protocol=v1 && describe_sim two protocol=v2 && describe_sim less protocol=v2 caps=stop-copy || return
	run_migctl 0 save migsim-one v1 && run_migctl 0 save migsim-two v2 && run_migctl 0 save migsim-less stop-copy && run_migctl 0 save $UUID mtty || return
	run_migctl 11 restore migsim-two v1 && says 'another protocol: the state was saved with v1, the device has v2' && err_has '--force' &&
		run_migctl 11 restore migsim-one v2 && says 'another protocol: the state was saved with v2, the device has v1' &&
		run_migctl 11 restore migsim-less v2 && says 'saved with the capability p2p' &&
		run_migctl 11 restore migsim-two mtty && says 'another bus: the state was saved with mdev, the device has platform' &&
		run_migctl 11 restore $UUID v2 && says 'another bus' &&
		run_migctl 11 restore migsim-two mtty -j && json '.error.kind == "bad-state" and .error.errno == "EXDEV" and .state == null' || return
	for sim in one two less; do [ "$(<"$SIMS/$sim/load_result")" = none ] || return; done
	run_migctl 0 restore migsim-two stop-copy && same_state less two || return
	run_migctl 0 restore migsim-less v2 --force && err_has 'by --force, although' && same_state two less || return
	run_migctl 0 restore migsim-two v1 --force && err_has 'by --force, although another protocol' && [ "$(<"$SIMS/two/load_result")" = ok ] || return
	run_migctl 7 restore migsim-two mtty --force && says 'the device was reset, and is running' && [ "$(<"$SIMS/two/load_result")" = foreign ]
}
@test "what was saved from another device" {
	local bad=0
	mtty_make $UUID
	untraced identity || bad=1
	mtty_remove $UUID
	[ "$bad" -eq 0 ]
}
