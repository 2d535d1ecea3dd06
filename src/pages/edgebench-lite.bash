# shellcheck shell=bash
# bash completion for edgebench-lite. Made from what --help is made of:
# EDGEBENCH_WRITE=1 cargo test --test pages

_edgebench_lite() {
    local current=${COMP_WORDS[COMP_CWORD]} command='' words='' index
    local previous=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    # To bash, --name=value is three words.
    if [[ $current == = ]]; then
        current=
    elif [[ $previous == = ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((index = 1; index < COMP_CWORD; index++)); do
        case "$command|${COMP_WORDS[index]}" in
            '|record') command='record' ;;
            '|report') command='report' ;;
            '|compare') command='compare' ;;
            '|footprint') command='footprint' ;;
            '|boot') command='boot' ;;
            'boot|watch') command='boot watch' ;;
            'boot|restart') command='boot restart' ;;
            '|peer') command='peer' ;;
            '|ramp') command='ramp' ;;
            '|survive') command='survive' ;;
            'survive|ip-change') command='survive ip-change' ;;
            'survive|firewall') command='survive firewall' ;;
            '|bench') command='bench' ;;
            '|log') command='log' ;;
            'log|info') command='log info' ;;
            'log|verify') command='log verify' ;;
            'log|cat') command='log cat' ;;
            '|selftest') command='selftest' ;;
        esac
    done

    case "$command|$previous" in
        'record|--duration' | 'record|-d') return ;;
        'record|--interval' | 'record|-i') return ;;
        'record|--output' | 'record|-o')
            compopt -o default
            return
            ;;
        'record|--product') return ;;
        'record|--stage') words='baseline edge workload ramp' ;;
        'record|--key') return ;;
        'record|--unit') return ;;
        'record|--cgroup') return ;;
        'record|--pss') words='auto exact off' ;;
        'record|--pss-budget') return ;;
        'record|--max-size') return ;;
        'record|--sync') return ;;
        'record|--probe') return ;;
        'record|--probe-every') return ;;
        'record|--probe-timeout') return ;;
        'report|--top') return ;;
        'report|--by') words='name process unit slice container pod' ;;
        'report|--memory') words='pss rss' ;;
        'report|--key') return ;;
        'report|--unit') return ;;
        'report|--cgroup') return ;;
        'report|--format') words='text markdown json csv html svg prom' ;;
        'report|--export')
            compopt -o default
            return
            ;;
        'compare|--reference') return ;;
        'compare|--facts')
            compopt -o default
            return
            ;;
        'compare|--profile') return ;;
        'compare|--key') return ;;
        'compare|--unit') return ;;
        'compare|--cgroup') return ;;
        'compare|--format') words='text markdown json csv html svg' ;;
        'compare|--export')
            compopt -o default
            return
            ;;
        'footprint|--profile') words='izuma k3s microk8s k0s kubeedge auto' ;;
        'footprint|--key') return ;;
        'footprint|--unit') return ;;
        'footprint|--cgroup') return ;;
        'footprint|--by') words='unit slice container pod' ;;
        'footprint|--over') return ;;
        'footprint|--compat') words='edge-info' ;;
        'footprint|--format') words='text json' ;;
        'footprint|--watch') return ;;
        'footprint|--at') return ;;
        'footprint|--output' | 'footprint|-o')
            compopt -o default
            return
            ;;
        'footprint|--product') return ;;
        'footprint|--stage') words='baseline edge workload ramp' ;;
        'boot watch|--baud') return ;;
        'boot watch|--start') return ;;
        'boot watch|--power-on') return ;;
        'boot watch|--power-off') return ;;
        'boot watch|--off') return ;;
        'boot watch|--until') return ;;
        'boot watch|--mark') return ;;
        'boot watch|--nudge') return ;;
        'boot watch|--nudge-after') return ;;
        'boot watch|--timeout') return ;;
        'boot watch|--runs') return ;;
        'boot watch|--restart') return ;;
        'boot watch|--login') return ;;
        'boot watch|--password-file')
            compopt -o default
            return
            ;;
        'boot watch|--transcript')
            compopt -o default
            return
            ;;
        'boot watch|--output' | 'boot watch|-o')
            compopt -o default
            return
            ;;
        'boot watch|--product') return ;;
        'boot restart|--runs') return ;;
        'boot restart|--wait-sync') return ;;
        'boot restart|--check') return ;;
        'boot restart|--output' | 'boot restart|-o')
            compopt -o default
            return
            ;;
        'boot restart|--product') return ;;
        'boot restart|--note')
            compopt -o default
            return
            ;;
        'peer|--tcp') return ;;
        'peer|--udp') return ;;
        'peer|--key-file')
            compopt -o default
            return
            ;;
        'ramp|--step') return ;;
        'ramp|--ready') return ;;
        'ramp|--undo') return ;;
        'ramp|--output' | 'ramp|-o')
            compopt -o default
            return
            ;;
        'ramp|--product') return ;;
        'ramp|--key') return ;;
        'ramp|--unit') return ;;
        'ramp|--cgroup') return ;;
        'ramp|--probe') return ;;
        'ramp|--probe-timeout') return ;;
        'ramp|--max') return ;;
        'ramp|--settle') return ;;
        'ramp|--step-timeout') return ;;
        'ramp|--reserve') return ;;
        'ramp|--memory-of') return ;;
        'ramp|--oom-kills') return ;;
        'ramp|--slow') return ;;
        'ramp|--full') return ;;
        'ramp|--missed') return ;;
        'ramp|--interval' | 'ramp|-i') return ;;
        'ramp|--undo-of')
            compopt -o default
            return
            ;;
        'survive ip-change|--iface') return ;;
        'survive ip-change|--to') return ;;
        'survive ip-change|--from') return ;;
        'survive ip-change|--check') return ;;
        'survive ip-change|--every') return ;;
        'survive ip-change|--check-timeout') return ;;
        'survive ip-change|--within') return ;;
        'survive ip-change|--stable') return ;;
        'survive ip-change|--restart') return ;;
        'survive ip-change|--product') return ;;
        'survive ip-change|--output' | 'survive ip-change|-o')
            compopt -o default
            return
            ;;
        'survive firewall|--peer') return ;;
        'survive firewall|--role') words='agent server' ;;
        'survive firewall|--server-port') return ;;
        'survive firewall|--key-file')
            compopt -o default
            return
            ;;
        'survive firewall|--idle-up-to') return ;;
        'survive firewall|--check') return ;;
        'survive firewall|--check-timeout') return ;;
        'survive firewall|--within') return ;;
        'survive firewall|--stable') return ;;
        'survive firewall|--product') return ;;
        'survive firewall|--output' | 'survive firewall|-o')
            compopt -o default
            return
            ;;
        'bench|--example') return ;;
        'bench|--format') words='text json' ;;
    esac
    if [[ $words ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
        return
    fi

    case $command in
        '') words='record report compare footprint boot peer ramp survive bench log selftest --version --help' ;;
        'boot') words='watch restart --help' ;;
        'survive') words='ip-change firewall --help' ;;
        'log') words='info verify cat --help' ;;
        'record') words='--duration --interval --output --product --stage --key --unit --cgroup --pss --pss-budget --max-size --sync --probe --probe-every --probe-timeout --redact --full --quiet --help' ;;
        'report') words='--top --by --memory --key --unit --cgroup --brief --runs --no-charts --format --export --help' ;;
        'compare') words='--reference --facts --profile --key --unit --cgroup --format --export --help' ;;
        'footprint') words='--profile --key --unit --cgroup --by --over --compat --format --watch --at --output --product --stage --help' ;;
        'boot watch') words='--baud --start --power-on --power-off --off --until --mark --nudge --nudge-after --timeout --runs --restart --login --password-file --transcript --output --product --help' ;;
        'boot restart') words='--now --runs --finish --wait-sync --check --cancel --output --product --note --help' ;;
        'peer') words='--tcp --udp --key-file --help' ;;
        'ramp') words='--step --ready --undo --output --product --key --unit --cgroup --probe --probe-timeout --max --settle --step-timeout --reserve --memory-of --oom-kills --slow --full --missed --interval --undo-of --quiet --help' ;;
        'survive ip-change') words='--iface --to --from --check --every --check-timeout --within --stable --restart --product --output --observe --undo --force --help' ;;
        'survive firewall') words='--peer --role --server-port --key-file --idle-up-to --check --check-timeout --within --stable --product --output --help' ;;
        'bench') words='--check --example --status --format --resume --cancel --help' ;;
        'log info') words='--help' ;;
        'log verify') words='--help' ;;
        'log cat') words='--help' ;;
        'selftest') words='--help' ;;
    esac
    if [[ $current == -* || ! $words =~ ^- ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
        return
    fi
    case $command in
        'report' | 'compare' | 'footprint' | 'boot watch' | 'bench' | 'log info' | 'log verify' | 'log cat') compopt -o default ;;
    esac
}

complete -F _edgebench_lite edgebench-lite
