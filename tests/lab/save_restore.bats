# What is saved on one device is restored on another, to the byte and to the transaction: every protocol, profile and size, by
# the sums that the devices keep themselves.
# shellcheck disable=SC2015,SC2030,SC2031,SC2034,SC2086 # a && b || tell; one test is one shell; what says reads; options are words
load helpers

setup() { lab_setup && own_dir; }

# transfer NAME SIZE OPTION [ATTRIBUTE=VALUE]...: of a to b, by a file. GENERATION is a byte, for more does not travel with the
# smallest; FIRST is the state that the device is found in.
GENERATION=77
FIRST=running
transfer() {
	local a=a$1 b=b$1 size=$2 option=$3 chunks
	describe_sim "$a" "state_size=$size" "${@:4}" && describe_sim "$b" "state_size=$size" "${@:4}" || return
	echo $GENERATION >"$SIMS/$a/generation"
	run_migctl 0 save "migsim-$a" "$a" $option && left_in "$a" $FIRST || return
	chunks=${output#*" in "}
	[[ $output = "saved: migsim-$a, $size bytes"* ]] || { show_run "not $size bytes"; return 1; }
	run_migctl 0 restore "migsim-$b" "$a" && left_in "$b" running && same_state "$a" "$b" || return
	[[ $output = "restored: migsim-$b, $size bytes"*" in ${chunks%% *} chunk"* ]] || { show_run "not in $chunks"; return 1; }
	[ "$size" -eq 0 ] || [ "$(<"$SIMS/$b/generation")" = $GENERATION ] || { echo "generation did not travel"; return 1; }
	[ -z "$WINDOWS" ] || { [ "${chunks%% *}" -eq $(((size + WINDOWS - 1) / WINDOWS)) ] || { echo "windows of another size"; return 1; }; }
}

# sizes EDGE [ATTRIBUTE=VALUE]...: nothing, a byte, and about the edge of a chunk; and of more than one with pre-copy
sizes() {
	local edge=$1 size n=0
	shift
	for size in 0 1 $((edge - 1)) "$edge" $((edge + 1)); do transfer $((n++)) "$size" --no-precopy "$@" || return; done
	WINDOWS='' transfer $((n++)) $((3 * edge + 5)) '' "$@"
}

# In v1 the driver's windows are the chunks; here 4 KiB each, but for the posted mlx5.
@test "v1, spec" { WINDOWS=4096 untraced sizes 4096 protocol=v1; }
@test "v1, mlx5: its last window is one that it counts twice" { WINDOWS=131072 untraced sizes 131072 protocol=v1 profile=mlx5; }
@test "v1, hisi: what is read is gone" { WINDOWS=4096 untraced sizes 4096 protocol=v1 profile=hisi; }
@test "v1, i40e: no data_offset, and not running at first" { FIRST=stop WINDOWS=4096 untraced sizes 4096 protocol=v1 profile=i40e; }
# A slot of the program's ring takes 1 MiB, and a v2 driver is asked for so much.
@test "v2, spec" { WINDOWS=1048576 untraced sizes 1048576 protocol=v2; }
@test "v2, mtty's way: pre-copy ends with 0" { WINDOWS=1048576 untraced sizes 1048576 protocol=v2 profile=mtty; }

# With the data part mapped, neither side reads or writes it by a call.
mapped() {
	transfer m 300001 '' protocol=v1 mmap=1 || return
	sim_fault am 'data-read EIO times=0' && sim_fault bm 'data-write EIO times=0' || return
	run_migctl 0 save migsim-am again && run_migctl 0 restore migsim-bm again && same_state am bm
}
@test "v1, by mmap, and by nothing else" {
	WINDOWS=4096 untraced sizes 4096 protocol=v1 mmap=1
	WINDOWS='' untraced mapped
}

# A window may be larger than a slot, and than a block of the saved form: it is one transaction all the same. And a v2 driver may
# give little at a time.
@test "windows larger than a slot, v2 reads smaller than a page" {
	WINDOWS=3000000 untraced transfer w 7000001 --no-precopy protocol=v1 chunk_size=3000000
	WINDOWS=3000000 untraced transfer m 6000000 --no-precopy protocol=v1 chunk_size=3000000 mmap=1
	WINDOWS='' untraced transfer 7 20000 '' protocol=v2 chunk_size=777
	WINDOWS='' untraced transfer 1 1000 '' protocol=v2 chunk_size=1
	# Its end comes in a batch of reads that has filled a slot and begun the next one.
	WINDOWS=1048576 untraced transfer k 1572864 --no-precopy protocol=v2 chunk_size=65536
}

@test "with fewer capabilities" {
	local caps WINDOWS=
	for caps in stop-copy stop-copy,p2p stop-copy,pre-copy; do untraced transfer "$caps" 70000 '' protocol=v2 "caps=$caps"; done
	# In v1 they are not announced: what a driver has not it refuses.
	untraced transfer 1 70000 --no-precopy protocol=v1 caps=stop-copy
	migctl 7 save migsim-a1 s
	says 'refused running -> pre-copy (EINVAL); the state is still running'
	left_in a1 running
}

@test "openEuler's layout is no v1, and is not tried" {
	make_sim o protocol=v1 profile=openeuler
	both 5 '' '.error.kind == "no-migration" and (.error.message | contains("openEuler")) and .bytes == null' save migsim-o s
	: >empty
	migctl 11 restore migsim-o empty
	files_are empty
	stat_is o sets 0
}

# pipe PROTOCOL [OPTION]: save | restore
pipe() {
	local sum
	set -o pipefail
	describe_sim a "protocol=$1" state_size=3000001 "generation=123456789" && describe_sim b "protocol=$1" state_size=3000001 || return
	vfio-migctl save migsim-a - ${2:+"$2"} 2>saved | vfio-migctl restore migsim-b - >restored || { cat saved; return 1; }
	same_state a b && left_in a running && left_in b running || return
	[ "$(<"$SIMS/b/generation")" = 123456789 ] || return
	# What save has to say does not go where its data goes.
	[[ $(<saved) = 'saved: migsim-a, 3000001 bytes (2.9 MiB) in '*', to -'* ]] || { cat saved; return 1; }
	sum=$(grep digest saved)
	[ -n "$sum" ] && [ "$sum" = "$(grep digest restored)" ] || { cat saved restored; return 1; }
}
@test "through a pipe, v1" { untraced pipe v1; }
@test "through a pipe, v2, compressed" { untraced pipe v2 --compress; }

UUID=6f1de5a2-0c1c-4f0e-9c59-0000000000ae
OTHER=6f1de5a2-0c1c-4f0e-9c59-0000000000af
unmake() { mtty_remove $UUID && mtty_remove $OTHER; }

# The kernel's sample: its state is what it says it is, and the same once more from where it was restored.
mtty() {
	local digest
	mtty_make $UUID && mtty_make $OTHER || return
	run_migctl 0 save $UUID s -j && json '.bytes > 0 and .state == "running" and .protocol == "v2"' || return
	digest=$(gojq -r .digest <<<"$output")
	run_migctl 0 restore $OTHER s -j && json ".digest == \"$digest\" and .state == \"running\"" || return
	run_migctl 0 save $OTHER t -j && json ".digest == \"$digest\"" || return
	vfio-migctl save $UUID - -q 2>/dev/null | vfio-migctl restore $OTHER - -q || return
	# It offers no reset: a part of a state is said to be in it, and stays until it is made anew.
	status=0
	stderr=$({ head -c -60 s; sleep 0.5; } | vfio-migctl restore $OTHER - 2>&1) || status=$?
	[ "$status" -eq 8 ] || { show_run "exit $status"; return 1; }
	says "$OTHER: it holds a part of a state and offers no reset" 'it is left in resuming' && err_has 'unbind the device'
}
@test "mtty" {
	local bad=0
	untraced mtty || bad=1
	unmake
	[ "$bad" -eq 0 ]
}
