#!/bin/bash
# Runs in the lab's guest: what `bench` measures of migsim and of the kernel's mtty, beside what the least program does that
# passes the same arcs and makes the same saves, in turn. An emulated processor makes a call several times as slow when tasks
# were switched before it: with a deadline that is every call (--timeout=0: none), and as the saves have a thread of their own,
# the first of a kind in each cycle; call.c has what remains of that on a real one. Exits 1 when the sum of the arcs without a
# deadline is over its bound, which is loose for that reason. usage: arcs.sh FOLDER-OF-THE-BUILT-BENCH-PROGRAMS
# MIGCTL_BENCH_ROUNDS: of each, each time (50); MIGCTL_BENCH_TURNS (5); MIGCTL_BENCH_ARCS_MIB: size of migsim's state (1)
set -euo pipefail
. "$(dirname "$0")/common.bash"

bench=$1
rounds=${MIGCTL_BENCH_ROUNDS:-50} turns=${MIGCTL_BENCH_TURNS:-5} mib=${MIGCTL_BENCH_ARCS_MIB:-1}
MTTY=6f1de5a2-0c1c-4f0e-9c59-0000000000bb

# "FROM TO MEDIAN" in nanoseconds, as the least program prints them.
figures='(.arcs[] | select(.n > 0) | "\(.from) \(.to) \(.usec.median * 1000)"), "stopped - \(.stop_usec.median * 1000)",
  "save - \(.save.usec * 1000)"'

# Medians of all turns, and the ratio of the last two.
table() {
  awk -v name="$1" -v bytes="$2" '
    function middle(list,   values, n, i, k, t) {
      n = split(list, values, " ")
      for (i = 2; i <= n; i++) for (k = i; k > 1 && values[k - 1] + 0 > values[k] + 0; k--) {
        t = values[k]; values[k] = values[k - 1]; values[k - 1] = t }
      return values[int((n + 1) / 2)] / 1000
    }
    { key = $2 " " $3; times[$1, key] = times[$1, key] " " $4 }
    $1 == "least" && !seen[key]++ { order[++count] = key }
    END {
      for (i = 1; i <= count; i++) {
        key = order[i]
        a = middle(times["ours", key]); b = middle(times["direct", key]); c = middle(times["least", key])
        label = key; sub(/ -$/, "", label); sub(/ /, " -> ", label)
        printf "  %-8s %-28s %10.1f %10.1f %10.1f %7.2f", name, label, a, b, c, b / c
        if (label == "save" && bytes) printf "  %.0f %.0f %.0f MiB/s", bytes / a / 1.048576, bytes / b / 1.048576, bytes / c / 1.048576
        print ""
        if (label ~ />/) { one += b; other += c }
      }
      printf "%.2f\n", one / other >"/dev/stderr"
    }'
}

# ours NAME ARGUMENT...: what bench says, a line a figure
ours() {
  vfio-migctl bench "${@:2}" -q --json --chunk 0 --no-restore --no-precopy --cycles "$rounds" >/tmp/arcs.json
  gojq -r "$figures" /tmp/arcs.json | sed "s/^/$1 /"
}

measure() {
  local name=$1 protocol=$2 node=$3 device=$4 lines=/tmp/arcs.$1 bytes
  for ((turn = 0; turn < turns; turn++)); do
    ours ours "$device"
    ours direct "$device" --timeout 0
    "$bench/least_arcs" "$protocol" "$node" "$device" "$rounds" | sed 's/^/least /'
  done >"$lines"
  bytes=$(gojq .save.bytes /tmp/arcs.json)
  table "$name" "$((bytes < 1048576 ? 0 : bytes))" <"$lines" 2>/tmp/arcs.sum
  sums+=("$name $(</tmp/arcs.sum)")
}

sums=()
make_sim v1 v1 state_size=$((mib * 1048576)) chunk_size=1048576
make_sim v2 v2 state_size=$((mib * 1048576))
echo $MTTY >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-2/create
echo "bench against the least program, microseconds, median of $turns times $rounds ($(uname -r), $(nproc) processors)"
printf '  %-8s %-28s %10s %11s %9s %7s\n' device arc bench --timeout=0 least ratio
measure migsim1 v1 "$(node_of v1)" migsim-v1
measure migsim2 v2 "$(node_of v2)" migsim-v2
group=$(readlink "/sys/bus/mdev/devices/$MTTY/iommu_group")
measure mtty v2 "/dev/vfio/${group##*/}" $MTTY
echo 1 >/sys/bus/mdev/devices/$MTTY/remove
for sum in "${sums[@]}"; do within "  all arcs of ${sum% *}" "${sum#* }" 4; done
exit "$failed"
