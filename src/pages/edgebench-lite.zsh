#compdef edgebench-lite
# zsh completion for edgebench-lite. Made from what --help is made of:
# EDGEBENCH_WRITE=1 cargo test --test pages

_edgebench-lite() {
    local state line
    local -a words_here=(
        'record:Record CPU and memory of the machine and of every process in a log, then print the summary'
        'report:Print the summary of one or more logs'
        'compare:Print the table that compares products'
        'footprint:Print who takes the memory'
        'boot:Time a start'
        'peer:Answer the boards that run `survive firewall`, on the management side'
        'ramp:Start one container after another until the board, the product, a limit or a signal ends it, then remove them all'
        'survive:Change the network under a running product, see whether it goes on working, and put everything back'
        'bench:Run the benchmark of a product from a plan, unattended'
        'log:Look into logs'
        'selftest:Check what this kernel and this user allow, one line each, with the remedy'
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
                boot) _edgebench-lite_boot ;;
                peer) _edgebench-lite_peer ;;
                ramp) _edgebench-lite_ramp ;;
                survive) _edgebench-lite_survive ;;
                bench) _edgebench-lite_bench ;;
                log) _edgebench-lite_log ;;
                selftest) _edgebench-lite_selftest ;;
            esac
            ;;
    esac
}

_edgebench-lite_boot() {
    local state line
    local -a words_here=(
        'watch:Time a board'\''s start on its serial line, from power-on or a restart to the login prompt, with a host'\''s clock'
        'restart:Restart this machine and time it, by the clocks before and after'
    )
    _arguments -C \
        '(- *)'{-h,--help}'[display usage information]' \
        '1: :->command' \
        '*:: :->rest'
    case $state in
        command) _describe command words_here ;;
        rest)
            case $line[1] in
                watch) _edgebench-lite_boot_watch ;;
                restart) _edgebench-lite_boot_restart ;;
            esac
            ;;
    esac
}

_edgebench-lite_survive() {
    local state line
    local -a words_here=(
        'ip-change:Give this machine another IP address, see whether the product stays up, or comes back after a restart, and put the old address back'
        'firewall:Find out what network this machine is behind, by asking a `peer`, and whether the product works there'
    )
    _arguments -C \
        '(- *)'{-h,--help}'[display usage information]' \
        '1: :->command' \
        '*:: :->rest'
    case $state in
        command) _describe command words_here ;;
        rest)
            case $line[1] in
                ip-change) _edgebench-lite_survive_ip-change ;;
                firewall) _edgebench-lite_survive_firewall ;;
            esac
            ;;
    esac
}

_edgebench-lite_log() {
    local state line
    local -a words_here=(
        'info:Print where, when and how a log was recorded'
        'verify:Check logs for damage and missing samples'
        'cat:Print a whole log as JSON lines'
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
        '(-i --interval)'{-i,--interval=}'[interval between samples, 100ms to 1h]:interval: ' \
        '(-o --output)'{-o,--output=}'[log to write]:output:_files' \
        --product='[what is being measured, such as k3s or izuma]:product: ' \
        --stage='[stage of the benchmark]:stage:(baseline edge workload ramp)' \
        '*'--key='[processes that make up the product, LABEL=PATTERN]:key: ' \
        '*'--unit='[systemd unit whose processes make up the product, such as nginx.service]:unit: ' \
        '*'--cgroup='[cgroup whose processes, and those below it, make up the product]:cgroup: ' \
        --pss='[how to measure PSS]:pss:(auto exact off)' \
        --pss-budget='[CPU time per second that auto may spend on reading PSS]:pss-budget: ' \
        --max-size='[maximum size of the log, such as 4M, at least 256k]:max-size: ' \
        --sync='[how often the log is synced to the disk]:sync: ' \
        --probe='[command to time during the recording, such as '\''kubectl get nodes'\'']:probe: ' \
        --probe-every='[how often the probe is run]:probe-every: ' \
        --probe-timeout='[how long a run of the probe may take before it is killed, with all that it started]:probe-timeout: ' \
        --redact'[keep only the first argument of each command line, and of the probe]' \
        --full'[print the whole report at the end, not only what fits a screen]' \
        '(-q --quiet)'{-q,--quiet}'[show no progress, and print no summary at the end]' \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite_report() {
    _arguments -s \
        --top='[processes in each table]:top: ' \
        --by='[group rows by name , process, unit, slice, container or pod]:by:(name process unit slice container pod)' \
        --memory='[memory of a process to show]:memory:(pss rss)' \
        '*'--key='[processes that make up the product, LABEL=PATTERN]:key: ' \
        '*'--unit='[systemd unit whose processes make up the product]:unit: ' \
        '*'--cgroup='[cgroup whose processes, and those below it, make up the product]:cgroup: ' \
        --brief'[print only what fits a screen for each product and stage]' \
        --runs'[print each run of a stage too, not only all of them together]' \
        --no-charts'[print figures only]' \
        --format='[output format\: text , markdown, json, csv, html, svg or prom]:format:(text markdown json csv html svg prom)' \
        '*'--export='[file to write the report to as well]:file:_files' \
        '*:LOG:_files' \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite_compare() {
    _arguments -s \
        --reference='[product to compare the others with]:reference: ' \
        '*'--facts='[file of values measured by hand]:facts:_files' \
        '*'--profile='[profile of a product with another name, PRODUCT=PROFILE, one of izuma, k3s, microk8s, k0s, kubeedge]:profile: ' \
        '*'--key='[processes that make up a product, \[PRODUCT\:\]LABEL=PATTERN]:key: ' \
        '*'--unit='[systemd unit whose processes make up a product, \[PRODUCT=\]UNIT]:unit: ' \
        '*'--cgroup='[cgroup whose processes make up a product, \[PRODUCT=\]PATH]:cgroup: ' \
        --format='[output format\: text , markdown, json, csv, html or svg]:format:(text markdown json csv html svg)' \
        '*'--export='[file to write the table to as well]:file:_files' \
        '*:LOG:_files' \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite_footprint() {
    _arguments -s \
        '*'--profile='[product whose key processes to show]:profile:(izuma k3s microk8s k0s kubeedge auto)' \
        '*'--key='[key process to add, LABEL=PATTERN]:key: ' \
        '*'--unit='[systemd unit to add, with all its processes in one row]:unit: ' \
        '*'--cgroup='[cgroup to add, with all below it in one row]:cgroup: ' \
        --by='[group all processes instead, by unit, slice, container or pod]:by:(unit slice container pod)' \
        --over='[with --by\: how long to measure CPU]:over: ' \
        --compat='[reproduce the figures of another tool, its defects included]:compat:(edge-info)' \
        --format='[output format\: text or json]:format:(text json)' \
        --watch='[repeat at this interval, such as 2s, in place on a terminal, until SIGINT, SIGTERM or SIGHUP]:watch: ' \
        --at='[with LOG\: time after the start of its last run, such as 90s]:at: ' \
        '(-o --output)'{-o,--output=}'[log to append the figures to, for compare]:output:_files' \
        --product='[with --output\: what is being measured, such as k3s]:product: ' \
        --stage='[with --output\: stage of the benchmark]:stage:(baseline edge workload ramp)' \
        '1::LOG:_files' \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite_boot_watch() {
    _arguments -s \
        --baud='[rate of the line, in bits a second]:baud: ' \
        --start='[where the time begins]:when: ' \
        --power-on='[shell command that switches the power on]:command: ' \
        --power-off='[shell command that switches the power off first]:command: ' \
        --off='[how long the power stays off]:time: ' \
        --until='[where the time ends]:pattern: ' \
        '*'--mark='[moment to time as well, NAME=PATTERN]:mark: ' \
        --nudge='[how often to press Enter for a prompt]:time: ' \
        --nudge-after='[how long after the start to press it first]:time: ' \
        --timeout='[how long to wait for the prompt]:time: ' \
        --runs='[how many starts to time]:number: ' \
        --restart='[command that restarts the board, typed on its console, such as reboot]:command: ' \
        --login='[user to log in as before the restart]:user: ' \
        --password-file='[file with the user'\''s password in its first line]:file:_files' \
        --transcript='[file for all bytes as they came]:file:_files' \
        '(-o --output)'{-o,--output=}'[log to append the results to, for compare]:output:_files' \
        --product='[what is being measured, such as k3s or izuma]:product: ' \
        '1:TTY:_files' \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite_boot_restart() {
    _arguments -s \
        --now'[restart this machine now]' \
        --runs='[with --now\: how many restarts to time, 20 at most]:number: ' \
        --finish'[write the result of the restart that this boot followed]' \
        --wait-sync='[with --finish\: how long to wait for the clock to be synchronised]:time: ' \
        '*'--check='[with --finish\: check that tells when the product is ready, as in survive ip-change]:check: ' \
        --cancel'[forget a restart that was noted]' \
        '(-o --output)'{-o,--output=}'[log to append the results to, for compare, with --now]:output:_files' \
        --product='[what is being measured, such as k3s or izuma]:product: ' \
        --note='[file that the restart is noted in]:file:_files' \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite_peer() {
    _arguments -s \
        --tcp='[TCP ports, 8 at most]:tcp: ' \
        --udp='[UDP ports, 8 at most]:udp: ' \
        --key-file='[file with the key, 1 to 4096 bytes]:key-file:_files' \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite_ramp() {
    _arguments -s \
        --step='[command that starts a container]:step: ' \
        --ready='[command that succeeds once that container is ready]:ready: ' \
        --undo='[command that removes it]:undo: ' \
        '(-o --output)'{-o,--output=}'[log to write]:output:_files' \
        --product='[what is being measured, such as k3s or izuma]:product: ' \
        '*'--key='[processes that make up the product, LABEL=PATTERN, as of record]:key: ' \
        '*'--unit='[systemd unit whose processes make up the product]:unit: ' \
        '*'--cgroup='[cgroup whose processes make up the product]:cgroup: ' \
        --probe='[command to time three times in each window, such as '\''kubectl get nodes'\'']:probe: ' \
        --probe-timeout='[how long a run of the probe may take]:probe-timeout: ' \
        --max='[number of containers that ends the ramp]:max: ' \
        --settle='[how long the board settles before a window]:settle: ' \
        --step-timeout='[how long a step may take until its container is ready, and an undo]:step-timeout: ' \
        --reserve='[available memory that ends the ramp if two samples have less]:reserve: ' \
        --memory-of='[cgroup whose limit of memory counts, instead of the machine'\''s memory]:memory-of: ' \
        --oom-kills='[OOM kills that end the ramp]:oom-kills: ' \
        --slow='[time of a probe that ends the ramp if two in a row take longer]:slow: ' \
        --full='[percent of 10 s with all tasks waiting for memory that ends the ramp]:full: ' \
        --missed='[missed deadlines in a row that end the ramp]:missed: ' \
        '(-i --interval)'{-i,--interval=}'[interval between samples]:interval: ' \
        --undo-of='[log whose last ramp was cut off]:log:_files' \
        '(-q --quiet)'{-q,--quiet}'[show no progress, and print no summary at the end]' \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite_survive_ip-change() {
    _arguments -s \
        --iface='[network interface, such as eth0]:interface: ' \
        --to='[new address and length of its prefix, such as 192.168.1.77/24]:address: ' \
        --from='[address that it replaces]:address: ' \
        '*'--check='[what must hold, may be repeated]:check: ' \
        --every='[how long after an answer to ask again]:time: ' \
        --check-timeout='[how long to wait for an answer]:time: ' \
        --within='[how long it may take until the product is healthy again]:time: ' \
        --stable='[how long it must stay healthy]:time: ' \
        --restart='[systemd unit to restart, or shell command that restarts the product, if it does not stay up]:unit: ' \
        --product='[what is being measured, such as k3s or izuma]:product: ' \
        '(-o --output)'{-o,--output=}'[log to append the result to, for compare]:output:_files' \
        --observe'[change nothing\: wait until the address changes, by DHCP for example, or the cable is pulled]' \
        --undo'[put back what an earlier run has left changed]' \
        --force'[go on even if the process that rolls back would be killed with this one'\''s unit]' \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite_survive_firewall() {
    _arguments -s \
        '*'--peer='[host that runs `peer`, such as 203.0.113.7 or peer.example\:9000]:host: ' \
        --role='[what this machine is to the product]:role:(agent server)' \
        --server-port='[with --role server]:port: ' \
        --key-file='[file with the key of the peer, 1 to 4096 bytes]:key-file:_files' \
        --idle-up-to='[also measure how long TCP and UDP may be silent, up to this time]:time: ' \
        '*'--check='[what must hold, may be repeated]:check: ' \
        --check-timeout='[how long to wait for an answer]:time: ' \
        --within='[how long it may take until the product is healthy]:time: ' \
        --stable='[how long it must stay healthy]:time: ' \
        --product='[what is being measured, such as k3s or izuma]:product: ' \
        '(-o --output)'{-o,--output=}'[log to append the result to, for compare]:output:_files' \
        '(- *)'{-h,--help}'[display usage information]'
}

_edgebench-lite_bench() {
    _arguments -s \
        --check'[say what the plan does, how long that takes, how much it writes and to what, and what is missing here]' \
        --example='[print a complete plan, for k3s, izuma, docker, containerd or systemd]:product: ' \
        --status'[tell how far the benchmark is]' \
        --format='[with --status\: text or json]:format:(text json)' \
        --resume'[go on with the benchmark where it was cut off]' \
        --cancel'[end the benchmark]' \
        '1::PLAN:_files' \
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
