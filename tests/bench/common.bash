# What the benchmarks in the guest share. Sourced.
# shellcheck shell=bash
# shellcheck disable=SC2034 # failed is for those who source it
SIMS=/sys/kernel/config/migsim
failed=0

# make_sim NAME PROTOCOL [ATTRIBUTE=VALUE]...
make_sim() {
  local dir=$SIMS/$1 word
  mkdir "$dir"
  echo "$2" >"$dir/protocol"
  for word in "${@:3}"; do echo "${word#*=}" >"$dir/${word%%=*}"; done
  echo 1 >"$dir/live"
}

# The node of a simulated device's group.
node_of() { echo "/dev/vfio/$(<"$SIMS/$1/group")"; }

# within NAME VALUE BOUND: says so, and remembers when it is not.
within() {
  local verdict=ok
  awk -v value="$2" -v bound="$3" 'BEGIN { exit !(value <= bound) }' || verdict=OVER
  [ "$verdict" = ok ] || failed=1
  printf '%-52s %8s  (at most %s) %s\n' "$1" "$2" "$3" "$verdict"
}
