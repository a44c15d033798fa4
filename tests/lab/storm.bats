# A storm: drivers fail, hang, lie, go away and come back at random while eight processes at a time use them. See storm.c.
load helpers

# The module is gone and comes back: nothing of it was in use.
unloads() {
	rmdir "$SIMS"/*/ && poll 10 sims_gone && rmmod migsim && modprobe migsim
}

@test "a storm of faults: every command ends in time, as it may, and leaves nothing open" {
	local seconds=15 seed=${MIGCTL_STORM_SEED:-$RANDOM} files
	[ -z "${MIGCTL_LONG:-}" ] || seconds=60
	own_dir
	"$TOOLS/storm" "$seconds" "$seed" vfio-migctl >../told || { cat ../told; return 1; }
	sed 's/^/# /' ../told >&3
	wait_until 10 closed
	no_hazards
	# Nor one of the tasks that make its calls, which have its name; nor a file beside what it was to make.
	if pgrep -x vfio-migctl; then return 1; fi
	files=$(find . -type f | grep -vE '^\./((out|err)\.[0-7]|s[0-7]\.state)$') && { echo "left: $files" && return 1; }
	unloads
}
closed() { [ "$(<"$SIMS/opens")" = "$(<"$SIMS/closes")" ]; }
