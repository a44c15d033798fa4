#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The house keeps its plan: cli -> report, host, vfio -> core, and no arrow up
# or sideways; each foreign interface is spoken in one place.
# Usage: test_rooms.sh SOURCE-FOLDER
set -u
cd "$1" || exit 1

faults=$(mktemp) || exit 1
trap 'rm -f "$faults"' EXIT

fault()
{
	echo "$*" | tee -a "$faults"
}

# The room whose header include/migctl/NAME.h is: the one that has NAME.c, or
# NAME_*.c; these three have none of their name, or have parts elsewhere.
room_of()
{
	case $1 in
	record) echo core; return ;;
	report) echo report; return ;;
	proto) echo vfio; return ;;
	esac
	found=
	for room in core vfio host report cli; do
		for file in "src/$room/$1".c "src/$room/$1"_*.c; do
			[ -e "$file" ] || continue
			case " $found " in *" $room "*) ;; *) found="$found $room" ;; esac
		done
		[ -e "src/$room/$1.c" ] && { found=" $room"; break; }
	done
	echo "${found# }"
}

may_know()
{
	case $1:$2 in
	"$2:$1" | *:core | cli:report | cli:host | cli:vfio) return 0 ;;
	esac
	return 1
}

# Both kinds of include, one a line: "file<TAB>name".
includes()
{
	grep -HE '^[[:space:]]*#[[:space:]]*include' "$@" |
		sed -E 's/^([^:]*):[[:space:]]*#[[:space:]]*include[[:space:]]*/\1\t/'
}

check_header()
{
	from=$1 file=$2 name=$3
	to=$(room_of "$name")
	case $to in
	'') fault "$file: no room has migctl/$name.h" ;;
	*' '*) fault "migctl/$name.h belongs to several rooms: $to" ;;
	*) may_know "$from" "$to" || fault "$file: $from must not know $to (migctl/$name.h)" ;;
	esac
}

check_file()
{
	from=$1 file=$2
	for include in $(includes "$file" | cut -f 2 | sed 's/[[:space:]].*//'); do
		case $include in
		'"migctl/'*) name=${include#\"migctl/}; check_header "$from" "$file" "${name%.h\"}" ;;
		'"'*)
			name=${include#\"}
			name=${name%\"}
			case $name in */*) fault "$file: $include reaches into another room" ;; esac
			[ -e "src/$from/$name" ] || fault "$file: $from has no $name"
			;;
		esac
	done
}

# Only the files that match the pattern (an ERE on paths) may have the text.
only_in()
{
	text=$1 allowed=$2
	grep -rlE "$text" src include | grep -vE "$allowed" | while read -r file; do
		fault "$file: \"$text\" is for $allowed alone"
	done
}

count=0
for file in src/*/*.c src/*/*.h; do
	room=${file#src/}
	check_file "${room%%/*}" "$file"
	count=$((count + 1))
done
for file in include/migctl/*.h; do
	name=${file#include/migctl/}
	room=$(room_of "${name%.h}")
	case $room in
	'') fault "$file: no room has it" ;;
	*' '*) fault "$file belongs to several rooms: $room" ;;
	*) check_file "$room" "$file" ;;
	esac
	count=$((count + 1))
done
# A tree that was not found would be a tidy one.
[ "$count" -ge 40 ] || fault "only $count files looked at"

only_in '#[[:space:]]*include[[:space:]]*<sys/ioctl\.h>' '^src/vfio/sys\.c$'
only_in '(^|[^_[:alnum:]>."])ioctl[[:space:]]*\(' '^src/vfio/sys\.c$'
only_in 'SYS_ioctl' '^src/vfio/sys\.c$'
only_in '#[[:space:]]*include[[:space:]]*<netlink/' '^src/host/netlink[^/]*\.[ch]$'
only_in '#[[:space:]]*include[[:space:]]*<argp\.h>' '^src/cli/'
only_in '#[[:space:]]*include[[:space:]]*<json-c/' '^src/(report/|core/saved_meta\.c$)'
only_in '#[[:space:]]*include[[:space:]]*<xxhash\.h>' '^src/core/saved_hash\.c$'
only_in '#[[:space:]]*include[[:space:]]*<pci/' '^src/host/names\.c$'

# What is true without a machine: no descriptor, clock or stream there. The ring alone asks for large pages.
only_in '#[[:space:]]*include[[:space:]]*<(fcntl|unistd|time|dirent|sys/.*)\.h>' \
	'^(src/((vfio|host|report|cli)/|core/ring\.c$)|include/migctl/)'

if [ -s "$faults" ]; then
	exit 1
fi
echo "$count files keep to their rooms"
