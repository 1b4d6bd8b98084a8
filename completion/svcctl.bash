# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
# bash completion for svcctl(8). Names of objects and of services are asked from
# svcd and from the kernel: whoever may not ask them gets no names.

# The words of the command line that are no options: verb, type, names.
_svcctl_words()
{
	local i skip=0

	words_plain=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		if ((skip)); then
			skip=0
			continue
		fi
		case ${COMP_WORDS[i]} in
		--socket | -n | --namespace | -o | --output | -l | --selector | \
		--field-selector | -f | --filename | --owner | --family | --frontend | \
		--endpoint | --dry-run)
			skip=1
			;;
		-*) ;;
		*)
			words_plain+=("${COMP_WORDS[i]}")
			;;
		esac
	done
}

# The options that say where to ask, as they were given.
_svcctl_where()
{
	local i

	where=()
	for ((i = 1; i < COMP_CWORD - 1; i++)); do
		case ${COMP_WORDS[i]} in
		-n | --namespace)
			where+=(-n "${COMP_WORDS[i + 1]}")
			;;
		esac
	done
}

_svcctl_ask()
{
	local i socket=()

	for ((i = 1; i < COMP_CWORD - 1; i++)); do
		[[ ${COMP_WORDS[i]} == --socket ]] && socket=(--socket "${COMP_WORDS[i + 1]}")
	done
	timeout 2 "${COMP_WORDS[0]}" "${socket[@]}" "$@" 2>/dev/null
}

# Reply with those of the words in $2 that begin with $1.
_svcctl_reply()
{
	mapfile -t COMPREPLY < <(compgen -W "$2" -- "$1")
}

_svcctl_names()
{
	_svcctl_ask get "$@" -o name | sed 's,^[^/]*/,,'
}

_svcctl_objects()
{
	local types='services pods endpoints namespaces events' where

	if ((${#words_plain[@]} == 1)); then
		[[ ${words_plain[0]} == get ]] && types+=' all'
		_svcctl_reply "$1" "$types"
		return
	fi
	_svcctl_where
	_svcctl_reply "$1" "$(_svcctl_names "${words_plain[1]}" "${where[@]}")"
}

# The value of the option before the word; 1: it takes none.
_svcctl_value()
{
	local formats='json yaml name'

	case $2 in
	-o | --output)
		[[ ${words_plain[0]} == get ]] && formats+=' wide'
		[[ ${words_plain[0]} == delete ]] && formats=name
		_svcctl_reply "$1" "$formats"
		;;
	-n | --namespace)
		_svcctl_reply "$1" "$(_svcctl_names namespaces)"
		;;
	-f | --filename | --socket)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$1")
		;;
	--dry-run)
		_svcctl_reply "$1" server
		;;
	--family)
		_svcctl_reply "$1" '4 6'
		;;
	-l | --selector | --field-selector | --owner | --frontend | --endpoint) ;;
	*)
		return 1
		;;
	esac
}

_svcctl_options()
{
	case ${words_plain[0]} in
	create) echo '-f -n -o --dry-run' ;;
	get) echo '-n -A -o -l --field-selector -w --no-headers' ;;
	describe) echo '-n -A -l' ;;
	delete) echo '-f -n --all -l --ignore-not-found -o' ;;
	add) echo '--frontend --endpoint --replace --owner --family' ;;
	del) echo '--family --owner --any-owner' ;;
	show) echo '-4 -6 --owner -v -j' ;;
	flush) echo '--owner' ;;
	resolve | settings | version) echo '-j' ;;
	*) echo '--socket --help --version' ;;
	esac
}

_svcctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} words_plain
	local verbs='add del show flush resolve settings version create get describe delete help'

	COMPREPLY=()
	_svcctl_words
	_svcctl_value "$cur" "$prev" && return
	if [[ $cur == -* ]]; then
		_svcctl_reply "$cur" "$(_svcctl_options)"
		return
	fi
	case ${words_plain[0]} in
	'' | help)
		_svcctl_reply "$cur" "$verbs"
		;;
	get | describe | delete)
		_svcctl_objects "$cur"
		;;
	add | del)
		((${#words_plain[@]} == 1)) && _svcctl_reply "$cur" service
		((${#words_plain[@]} == 3)) && _svcctl_reply "$cur" 'TCP UDP SCTP'
		[[ ${words_plain[0]} == del && ${#words_plain[@]} == 2 ]] &&
			_svcctl_reply "$cur" "$(_svcctl_ask show -j |
				grep -o '"name": *"[^"]*"' | cut -d '"' -f 4)"
		;;
	esac
}

complete -F _svcctl svcctl
