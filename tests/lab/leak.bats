# Many gets leave nothing: every open is closed, no process, no descriptor, no memory stays.
load helpers

# 10,000 take four minutes under TCG, and three times that where KASAN looks at each access: the ordinary run does a part.
gets() {
	if [ -n "${MIGCTL_LONG:-}" ]; then
		echo 10000
	elif [ "$MIGCTL_LAB_KERNEL" = debug ]; then
		echo 100
	else
		echo 200
	fi
}

# Slab that cannot be reclaimed, in KiB: what a leak in the kernel grows.
slab() { awk '/^SUnreclaim:/ { print $2 }' /proc/meminfo; }
files() { cut -f 1 /proc/sys/fs/file-nr; }

total() { cat "$SIMS/$1"; }

@test "many gets leave nothing open" {
	local n=$(($(gets) / 2)) begin before_slab before_files opens closes grown
	make_sim one protocol=v1
	make_sim two protocol=v2
	# What is made once and kept is made now.
	"$TOOLS/spawn" 20 vfio-migctl get migsim-one
	"$TOOLS/spawn" 20 vfio-migctl get migsim-two
	opens=$(total opens) before_slab=$(slab) before_files=$(files)
	begin=$(now_ms)
	"$TOOLS/spawn" "$n" vfio-migctl get migsim-one
	"$TOOLS/spawn" "$n" vfio-migctl get migsim-two
	echo "# $((2 * n)) gets in $(($(now_ms) - begin)) ms" >&3
	closes=$(total closes)
	[ $(($(total opens) - opens)) -eq $((2 * n)) ]
	[ "$(total opens)" -eq "$closes" ]
	stat_is one open_now 0
	stat_is two open_now 0
	# Nor one of the tasks that make its calls, which have its name.
	if pgrep -x vfio-migctl; then return 1; fi
	grown=$(($(files) - before_files))
	[ "$grown" -lt 50 ] || { echo "$grown open files more"; return 1; }
	# Of 10,000 gets that each leak 210 bytes; what a run of the kernel varies by is less.
	grown=$(($(slab) - before_slab))
	[ "$grown" -lt 2048 ] || { echo "slab grew by $grown KiB"; return 1; }
}

# Without a deadline, for valgrind does not know how to run the task that a deadline takes.
@test "valgrind finds no error, no leak and no descriptor left" {
	local n=1 name protocols=v2
	[ -z "${MIGCTL_LONG:-}" ] || n=50 protocols='v1 v2'
	[ "$MIGCTL_LAB_KERNEL" = distro ] || skip "it looks at the program, which is the same on every kernel"
	command -v valgrind || skip "no valgrind here"
	for name in $protocols; do
		make_sim "$name" "protocol=$name"
		for ((i = 0; i < n; i++)); do
			status=0
			output=$(valgrind --quiet --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect,possible \
				--errors-for-leak-kinds=definite,indirect,possible --track-fds=yes vfio-migctl get "migsim-$name" --timeout 0 \
				2>&1 3>&- 4>&-) || status=$?
			[ "$status" -eq 0 ] || { show_run "exit $status"; return 1; }
			[[ $output != *"Open file descriptor "[3-9]* ]] || { show_run "descriptors left"; return 1; }
			[[ $output = *running* ]]
		done
	done
	stat_is v2 opens "$n"
}
