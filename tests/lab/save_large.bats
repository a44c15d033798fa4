# A state that is larger than any memory here should be for it, from one device to the other through a pipe.
load helpers

setup() { lab_setup && own_dir; }

# size MIB: 5 GiB take minutes under TCG, where the device makes and checks each byte itself; the ordinary run does a part.
size() {
	if [ -n "${MIGCTL_LONG:-}" ]; then
		echo $((5 << 30))
	elif [ "$MIGCTL_LAB_KERNEL" = debug ]; then
		echo $((30 << 20))
	else
		echo $(($1 << 20))
	fi
}

# memory NAME PID: the most that it took, in KiB, when its device has given or got the last byte; and it may go on.
memory() {
	poll 1500 stat_is "$1" hanging 1 || return
	awk '/^VmHWM:/ { print $2 }' "/proc/$2/status"
	echo 1 >"$SIMS/$1/release"
}

# large PROTOCOL MIB [ATTRIBUTE=VALUE]...
large() {
	local begin save restore saving restoring size
	size=$(size "$2")
	describe_sim a "protocol=$1" "state_size=$size" generation=987654321 "${@:3}" && describe_sim b "protocol=$1" "state_size=$size" "${@:3}" || return
	sim_fault a 'stop-copy->stop hang ms=3600000' && sim_fault b 'resuming->stop hang ms=3600000' && mkfifo fifo || return
	begin=$(now_ms)
	# Opened by the children: whoever opens a FIFO waits for the other end.
	background bash -c 'exec vfio-migctl save migsim-a - --timeout 0 >fifo 2>saved'
	save=$!
	background bash -c 'exec vfio-migctl restore migsim-b - --timeout 0 <fifo >restored'
	restore=$!
	saving=$(memory a $save) && restoring=$(memory b $restore) && wait $save && wait $restore || return
	echo "# $1: $((size >> 20)) MiB through a pipe in $(($(now_ms) - begin)) ms; save took $saving KiB, restore $restoring KiB" >&3
	same_state a b && [ "$(<"$SIMS/b/generation")" = 987654321 ] && left_in a running && left_in b running || return
	[[ $(<saved) = "saved: migsim-a, $size bytes"* && $(<restored) = "restored: migsim-b, $size bytes"* ]] || { cat saved restored; return 1; }
	[ "$saving" -lt 16384 ] && [ "$restoring" -lt 16384 ]
}
@test "v1, in windows of 1 MiB" { untraced large v1 100 chunk_size=1048576; }
@test "v2" { untraced large v2 100; }
