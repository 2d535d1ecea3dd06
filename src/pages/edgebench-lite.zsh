#compdef edgebench-lite
# zsh completion for edgebench-lite. Made from what --help is made of:
# EDGEBENCH_WRITE=1 cargo test --test pages

_edgebench-lite() {
    local state line
    local -a words_here=(
        'record:Sample the machine and every process into a log until the time is over, or until SIGINT, SIGTERM or SIGHUP'
        'report:Print the summary of logs'
        'compare:Print the table that compares products'
        'footprint:Print who takes the memory'
        'log:Look into logs'
        'selftest:Tell what this kernel and this user allow, a line each, with the remedy'
    )
    _arguments -C \
        '(- *)--version[print version, target and commit, and exit]' \
        '(- *)'{-h,--help}'[display usage information]' \
        '1: :->command' \
        '*:: :->rest'
    case $state in
        command) _describe command words_here ;;
        rest)
            case $line[1] in
                record) _edgebench-lite_record ;;
                report) _edgebench-lite_report ;;
                compare) _edgebench-lite_compare ;;
                footprint) _edgebench-lite_footprint ;;
                log) _edgebench-lite_log ;;
                selftest) _edgebench-lite_selftest ;;
            esac
            ;;
    esac
}

_edgebench-lite_log() {
    local state line
    local -a words_here=(
        'info:Print where, when and how a log was recorded'
        'verify:Check logs for damage and missing samples'
        'cat:Print all that a log says, as JSON lines'
    )
    _arguments -C \
        '(- *)'{-h,--help}'[display usage information]' \
        '1: :->command' \
        '*:: :->rest'
    case $state in
        command) _describe command words_here ;;
        rest)
            case $line[1] in
                info) _edgebench-lite_log_info ;;
                verify) _edgebench-lite_log_verify ;;
                cat) _edgebench-lite_log_cat ;;
            esac
            ;;
    esac
}

_edgebench-lite_record() {
    _arguments -s \
        '(-d --duration)'{-d,--duration=}'[how long to record, such as 90s, 5m or 1h30m]:duration: ' \
        '(-i --interval)'{-i,--interval=}'[time from one sample to the next, 100ms to 1h]:interval: ' \
        '(-o --output)'{-o,--output=}'[log to write]:output:_files' \
        --product='[what is being measured, such as k3s or izuma]:product: ' \
        --stage='[stage of the benchmark]:stage:(baseline edge workload ramp)' \
        '*'--key='[which processes the product is, LABEL=PATTERN]:key: ' \
        '*'--unit='[systemd unit whose processes the product is, such as nginx.service]:unit: ' \
        '*'--cgroup='[cgroup whose processes the product is, with all below it]:cgroup: ' \
        --pss='[how PSS is measured]:pss:(auto exact off)' \
        --pss-budget='[CPU time that auto may spend on reading PSS, a second]:pss-budget: ' \
        --max-size='[largest size of the log, such as 4M, at least 256k]:max-size: ' \
        --sync='[time after which what is written is also safe from a loss of power]:sync: ' \
        --redact'[keep only the first argument of each command line, which may hold passwords]' \
        '(-q --quiet)'{-q,--quiet}'[show no progress on the terminal, and print no summary at the end]' \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite_report() {
    _arguments -s \
        --top='[processes in each table]:top: ' \
        --by='[what a row is]:by:(name process unit slice container pod)' \
        --memory='[what the memory of a process is]:memory:(pss rss)' \
        '*'--key='[which processes the product is, LABEL=PATTERN]:key: ' \
        '*'--unit='[systemd unit whose processes the product is]:unit: ' \
        '*'--cgroup='[cgroup whose processes the product is, with all below it]:cgroup: ' \
        --no-charts'[figures only\: no charts, and no series over time in the tables]' \
        --format='[what is printed]:format:(text markdown json csv html svg prom)' \
        '*'--export='[file to write the report to as well, as its suffix says]:file:_files' \
        '*:LOG:_files' \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite_compare() {
    _arguments -s \
        --reference='[product that the others are put against]:reference: ' \
        '*'--facts='[values measured by hand]:facts: ' \
        '*'--profile='[whose processes are a product'\''s own, PRODUCT=PROFILE, where it is not called as its profile ]:profile: ' \
        '*'--key='[which processes a product is, \[PRODUCT\:\]LABEL=PATTERN]:key: ' \
        '*'--unit='[systemd unit whose processes a product is, \[PRODUCT=\]UNIT]:unit: ' \
        '*'--cgroup='[cgroup whose processes a product is, \[PRODUCT=\]PATH]:cgroup: ' \
        --format='[what is printed]:format:(text markdown json csv html svg)' \
        '*'--export='[file to write the table to as well, as its suffix says]:file:_files' \
        '*:LOG:_files' \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite_footprint() {
    _arguments -s \
        '*'--profile='[product whose key processes are shown]:profile:(izuma k3s microk8s k0s kubeedge auto)' \
        '*'--key='[a key process to add, LABEL=PATTERN]:key: ' \
        '*'--unit='[systemd unit to add, all its processes in a row]:unit: ' \
        '*'--cgroup='[cgroup to add, with all below it]:cgroup: ' \
        --by='[show every process in one row of these instead]:by:(unit slice container pod)' \
        --over='[with --by\: time that CPU is measured over]:over: ' \
        --compat='[reproduce the figures of another tool, its defects included]:compat:(edge-info)' \
        --format='[text or json]:format:(text json)' \
        --watch='[show it again every so often, such as 2s]:watch: ' \
        --at='[with LOG\: time after the start of its last run, such as 90s]:at: ' \
        '(-o --output)'{-o,--output=}'[log to append the figures to, for compare]:output:_files' \
        --product='[with --output\: what is being measured, such as k3s]:product: ' \
        --stage='[with --output\: stage of the benchmark]:stage:(baseline edge workload ramp)' \
        '1::LOG:_files' \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite_log_info() {
    _arguments -s \
        '*:LOG:_files' \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite_log_verify() {
    _arguments -s \
        '*:LOG:_files' \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite_log_cat() {
    _arguments -s \
        '*:LOG:_files' \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite_selftest() {
    _arguments -s \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite "$@"
