#!/bin/bash
# Runs in the lab's guest: `save` and `restore` against the least program that
# moves the same bytes through the same interface, in turn. Exits 1 when a ratio
# is over its bound. usage: move.sh FOLDER-OF-THE-BUILT-BENCH-PROGRAMS
# MIGCTL_BENCH_MIB: size of the state (1024); MIGCTL_BENCH_MOVES: runs of each (3);
# MIGCTL_BENCH_BOUND: of the ratios (1.15)
set -euo pipefail
. "$(dirname "$0")/common.bash"

bench=$1
mib=${MIGCTL_BENCH_MIB:-1024} runs=${MIGCTL_BENCH_MOVES:-3} bound=${MIGCTL_BENCH_BOUND:-1.15}

rate() { awk "BEGIN { printf \"%.0f\", $mib * 1e6 / $1 }"; }

# against BOUND NAME FRESH OURS... -- FRESH LEAST... (FRESH: the file it makes, or "")
against() {
  local bound=$1 name=$2 ours base ratio
  read -r ours base ratio < <("$bench/pair" "$runs" "${@:3}")
  within "  $name, $(rate "$ours") / $(rate "$base") MiB/s" "$ratio" "$bound"
}

# A file is read twice, for it is checked before the device is touched; a pipe once.
measure() {
  local protocol=$1 node
  local device=migsim-$1 least=$bench/least_move
  node=$(node_of "$protocol")
  against "$bound" "save $protocol to a file" /tmp/ours vfio-migctl save --no-precopy "$device" /tmp/ours -- \
    /tmp/least "$least" save "$protocol" "$node" "$device" /tmp/least
  against "$bound" "restore $protocol from a pipe" "" sh -c "cat /tmp/ours | vfio-migctl restore $device -" -- \
    "" sh -c "cat /tmp/least | $least restore $protocol $node $device /dev/stdin"
  against 3 "restore $protocol from a file, checked first" "" vfio-migctl restore "$device" /tmp/ours -- \
    "" "$least" restore "$protocol" "$node" "$device" /tmp/least
  rm -f /tmp/ours /tmp/least
}

# The rate of what comes out of either, side by side.
compressed() {
  local node ours pipe
  node=$(node_of v2)
  read -r ours pipe _ < <("$bench/pair" "$runs" "" vfio-migctl save --no-precopy --compress migsim-v2 /dev/null -- \
    "" sh -c "$bench/least_move save v2 $node migsim-v2 /dev/stdout | zstd -q -3 -T0 -c >/dev/null")
  printf '  save --compress %s MiB/s, the least program into zstd -3 -T0 %s MiB/s\n' "$(rate "$ours")" "$(rate "$pipe")"
}

echo "moving $mib MiB, against the least program ($(uname -r), $(nproc) processors)"
size=$((mib * 1048576))
make_sim v1 v1 state_size=$size chunk_size=1048576
make_sim v2 v2 state_size=$size
measure v1
measure v2
compressed
exit "$failed"
