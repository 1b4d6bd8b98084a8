#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The bash completion, driven as bash drives it, with a svcctl that answers from
# a list; and held against what the real one says of its verbs and options.
#
#	tests/unit/test_completion.sh [SVCCTL]
#
# shellcheck disable=SC2034	# the completion reads COMP_LINE and COMP_POINT
set -u

here=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/unit/tap.bash
. "$here/tests/unit/tap.bash"
svcctl=${1:-$here/build/bin/svcctl}
# shellcheck source=completion/svcctl.bash
. "$here/completion/svcctl.bash"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# What a svcd would answer; every question is noted.
cat >"$scratch/svcctl" <<'END'
#!/bin/bash
echo "$*" >>"$(dirname "$0")/asked"
case $* in
'get namespaces -o name') printf 'namespace/default\nnamespace/shop\n' ;;
'get svc -n shop -o name') echo service/cart ;;
'get svc -o name' | 'get services -o name') printf 'service/web\nservice/web-np\nservice/db\n' ;;
'get endpointslices -o name') echo endpointslice.discovery.k8s.io/manual-1 ;;
'--socket /x get svc -o name') echo service/elsewhere ;;
'show -j') printf '  {\n    "name": "default/web:http",\n  }\n  {\n    "name": "db",\n  }\n' ;;
'show --all db') echo '  endpoints    10.0.0.1:80, 10.0.0.2:80,local' ;;
'settings') printf 'version 1\npod-cidrs none\necho on\n' ;;
*) echo "error: $*" >&2; exit 1 ;;
esac
END
chmod +x "$scratch/svcctl"
PATH=$scratch:$PATH
COMP_WORDBREAKS=$' \t\n"\'@><=;|&(:'

# Only a shell that is completing may call it.
compopt() { :; }

complete_line() {
	COMP_LINE=$1
	COMP_POINT=${#1}
	COMPREPLY=()
	_svcctl 2>>"$scratch/errors"
	printf '%s\n' "${COMPREPLY[@]}" | sort | xargs
}

# LINE, and what completes it
check() {
	ok "$1" "$(complete_line "$1")" "$2"
}

check 'svcctl get' 'get'
check 'svcctl get end' 'endpoints endpointslices'
check 'svcctl get svc we' 'web web-np'
check 'svcctl get svc web d' 'db'
check 'svcctl describe svc/we' 'svc/web svc/web-np'
check 'svcctl get services web-' 'web-np'
check 'svcctl get endpointslices ' 'manual-1'
check 'svcctl get svc -n shop ' 'cart'
check 'svcctl get -n shop svc ' 'cart'
check 'svcctl --socket /x get svc ' 'elsewhere'
check 'svcctl get svc --show' '--show-labels'
check 'svcctl get svc -o w' 'wide'
check 'svcctl delete svc -o ' 'name'
check 'svcctl apply -n s' 'shop'
check 'svcctl get --namespace=s' 'shop'
check 'svcctl apply --validate=s' 'strict'
check 'svcctl apply --dry-run=' 'client none server'
check 'svcctl get svc --color=a' 'always auto'
check 'svcctl patch svc web --type ' 'json merge strategic'
check 'svcctl wait svc web --for=c' 'condition= create'
check 'svcctl create ' 'namespace service'
check 'svcctl create service n' 'nodeport'
check 'svcctl create service nodeport x --n' '--node-port'
check 'svcctl create service clusterip x --n' ''
check 'svcctl label svc d' 'db'
check 'svcctl expose ' 'pods services'
check 'svcctl expose svc web' 'web web-np'
check 'svcctl expose svc web --type N' 'NodePort'
check 'svcctl get svc --sort-by .metadata.n' '.metadata.name'
check 'svcctl del service d' 'db default/web:http'
check 'svcctl del service default/web:h' 'http'
check 'svcctl add endpoint db TCP 10.0' ''
check 'svcctl del endpoint db TCP 10.0.0.' '10.0.0.1:80 10.0.0.2:80'
check 'svcctl del endpoint db TCP 10.0.0.2:' '80'
check 'svcctl settings ' 'echo pod-cidrs'
check 'svcctl settings echo o' 'off on'
check 'svcctl help wa' 'wait'
check 'svcctl nonsense x' ''

# Nobody answers: nothing is offered, and nothing is said.
check 'svcctl get pods ' ''
ok 'nothing is ever said' "$(cat "$scratch/errors")" ''

# A word that completes something must not ask.
: >"$scratch/asked"
complete_line 'svcctl get svc --sh' >/dev/null
complete_line 'svcctl create service ' >/dev/null
ok 'what is known is not asked' "$(cat "$scratch/asked")" ''

# ---- against the real one

# The verbs of "svcctl help": two lists, indented.
verbs=$("$svcctl" help | sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p')
ok 'every verb is offered' "$(complete_line 'svcctl ')" \
	"$(printf '%s\n' "$verbs" help | sort | xargs)"

# Each option at the beginning of a line of a verb's help; of a short and a long
# name one is enough.
offered() {
	local line=$1 short=$2 long=$3

	[[ " $(complete_line "$line -") " == *" $short "* ]] ||
		[[ " $(complete_line "$line --") " == *" ${long%%=*}"[\ =]* ]]
}

missing() {
	local line=$1 short long

	"$svcctl" help "${line%% *}" | sed -nE "${2:-1,\$}"' {
		s/^  (-[A-Za-z0-9]), (--[a-z-]+)[ =[].*/\1 \2/p
		s/^  (--[a-z-]+)[ =[].*/\1/p
	}' | while read -r short long; do
		offered "svcctl $line" "$short" "${long:-$short}" || echo "$short $long"
	done
}

for verb in apply replace patch label annotate get describe delete wait expose status \
	del show top affinity monitor flush save restore resolve fastpath upgrade version \
	'stats services'; do
	ok "every option of $verb is offered" "$(missing "$verb" | xargs)" ''
done
# --any-owner is for endpoints alone.
ok 'every option of add is offered' "$(missing 'add service' | xargs)" '--any-owner'
ok 'every option of create is offered' "$(missing create '/-f, /,/^$/' | xargs)" ''

finish
