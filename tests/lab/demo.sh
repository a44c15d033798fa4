#!/bin/bash
# The main job, shown on real VFIO devices: runs in the lab's guest, see
# `tests/lab/lab demo`. Every command's exit status is checked against what it
# has to be, so a demo that goes wrong fails.
set -euo pipefail

sims=/sys/kernel/config/migsim
mtty=/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-2/create
uuid=83b8f4f2-509f-382f-3c1e-e6bfe0fa1001

say() { printf '\n# %s\n' "$*"; }

# show STATUS COMMAND...: as on a terminal, and the status must be this.
show() {
  local want=$1 status=0
  shift
  printf '\n$ %s\n' "$*"
  "$@" 2>&1 || status=$?
  [ "$want" = 0 ] && [ "$status" = 0 ] || printf '[exit status %s]\n' "$status"
  if [ "$status" != "$want" ]; then
    echo "demo: exit status $want was expected" >&2
    exit 1
  fi
}

mkdir "$sims/v1"
echo v1 >"$sims/v1/protocol"
echo 1 >"$sims/v1/live"
echo "$uuid" >"$mtty"

say "The devices: a simulated one that speaks v1, the kernel's mtty sample, which speaks v2, and NICs on vfio-pci"
show 0 vfio-migctl list

say "A v1 device, and a v2 device"
show 0 vfio-migctl show migsim-v1
show 0 vfio-migctl show "$uuid"

say "The saving side of a migration, on each"
show 0 vfio-migctl set migsim-v1 pre-copy stop-copy stop running
show 0 vfio-migctl set "$uuid" pre-copy stop-copy stop running

say "A transition that the table refuses: nothing is written"
show 6 vfio-migctl set migsim-v1 pre-copy stop
show 6 vfio-migctl explain pre-copy stop
show 0 vfio-migctl explain running resuming

say "A driver's nak: it refuses, and the state does not change"
echo "running->stop nak errno=EBUSY" >"$sims/v1/faults"
show 7 vfio-migctl set migsim-v1 stop
echo clear >"$sims/v1/faults"

say "A fault into _ERROR, with its fallout, and the recovery by reset"
echo "running->pre-copy error errno=EIO" >"$sims/v1/faults"
show 9 vfio-migctl set migsim-v1 pre-copy --reset-on-error
echo clear >"$sims/v1/faults"
show 0 vfio-migctl get migsim-v1

say "A driver that does not come back"
echo "read-state hang" >"$sims/v1/faults"
show 10 vfio-migctl get migsim-v1 --timeout 1
echo clear >"$sims/v1/faults"
echo 1 >"$sims/v1/release"

say "A bound NIC whose driver does not migrate"
show 5 vfio-migctl get "$MIGCTL_LAB_NIC"

say "A device's state into a file, and into another device; what would not fit, and what is damaged, is refused"
mkdir "$sims/other"
echo v1 >"$sims/other/protocol"
echo 1 >"$sims/other/live"
echo 4711 >"$sims/v1/generation"
cd /tmp
show 0 vfio-migctl save migsim-v1 vf.state
show 0 vfio-migctl inspect --for=migsim-other vf.state
show 0 vfio-migctl restore migsim-other vf.state
[ "$(cat "$sims/other/generation")" = 4711 ] || { echo "demo: the state did not arrive" >&2 && exit 1; }
show 11 vfio-migctl restore "$uuid" vf.state
head -c 60000 vf.state >cut.state
show 11 vfio-migctl restore migsim-other cut.state
