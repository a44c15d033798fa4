#!/bin/bash
# Runs in the lab's guest: the figures of `get` against the least program that
# does the same, and of `list` over a growing number of devices. Exits 1 when
# a figure is over its bound. usage: get.sh FOLDER-OF-THE-BUILT-BENCH-PROGRAMS
set -euo pipefail

. "$(dirname "$0")/common.bash"
bench=$1

# How many system calls reach VFIO, by the path behind the descriptor or the name opened.
# A call that another task interrupts has a second line, "resumed", which is none.
device_calls() {
  strace -f -y -o /tmp/strace.lines -- "$@" >/dev/null
  sed '/^[0-9]* *<\.\.\. .* resumed>/d' /tmp/strace.lines >/tmp/strace
  grep -cE '"/dev/vfio/|<(/dev/vfio/|anon_inode:\[vfio)' /tmp/strace
}

make_sim bench v2
node=$(node_of bench)

echo "get against the least program ($(uname -r), $(nproc) processors)"
ours=$(device_calls vfio-migctl get migsim-bench)
# The least program leaves closing to its end, where strace sees no close(2).
least=$(device_calls "$bench/least_get" "$node" migsim-bench)
opened=$(grep -cE 'close\([0-9]+<(/dev/vfio/|anon_inode:\[vfio)' /tmp/strace || true)
least=$((least + 3 - opened))
within "  system calls on the device, $ours / $least" \
  "$(awk "BEGIN { printf \"%.2f\", $ours / $least }")" 1.5
read -r a b ratio < <("$bench/pair" "${MIGCTL_BENCH_RUNS:-100}" "" vfio-migctl get migsim-bench -- \
  "" "$bench/least_get" "$node" migsim-bench)
within "  whole process, $a / $b us" "$ratio" 3

echo "list over a growing number of devices"
made=1
for count in 1 100 1000; do
  for ((; made < count; made++)); do make_sim "bench$made" v2; done
  best=
  for _ in 1 2 3; do
    begin=${EPOCHREALTIME/./}
    vfio-migctl list >/dev/null
    usec=$((${EPOCHREALTIME/./} - begin))
    [ -n "$best" ] && [ "$best" -le "$usec" ] || best=$usec
  done
  printf '  %5d devices %9d us  %7d us a device\n' "$count" "$best" "$((best / count))"
  case $count in
    100) hundred=$best ;;
    1000) thousand=$best ;;
  esac
done
# Ten times the devices: quadratic growth would be a hundredfold.
within "  1000 devices against 100" "$(awk "BEGIN { printf \"%.1f\", $thousand / $hundred }")" 15
exit "$failed"
