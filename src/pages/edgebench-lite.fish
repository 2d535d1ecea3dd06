# fish completion for edgebench-lite. Made from what --help is made of:
# EDGEBENCH_WRITE=1 cargo test --test pages

complete -c edgebench-lite -f
complete -c edgebench-lite -s h -l help -d 'display usage information'
complete -c edgebench-lite -n __fish_use_subcommand -l version -d 'print version, target and commit, and exit'
complete -c edgebench-lite -n 'not __fish_seen_subcommand_from record report compare footprint log selftest' -a record -d 'Sample the machine and every process into a log until the time is over, or until SIGINT, SIGTERM or SIGHUP'
complete -c edgebench-lite -n 'not __fish_seen_subcommand_from record report compare footprint log selftest' -a report -d 'Print the summary of logs'
complete -c edgebench-lite -n 'not __fish_seen_subcommand_from record report compare footprint log selftest' -a compare -d 'Print the table that compares products'
complete -c edgebench-lite -n 'not __fish_seen_subcommand_from record report compare footprint log selftest' -a footprint -d 'Print who takes the memory'
complete -c edgebench-lite -n 'not __fish_seen_subcommand_from record report compare footprint log selftest' -a log -d 'Look into logs'
complete -c edgebench-lite -n '__fish_seen_subcommand_from log; and not __fish_seen_subcommand_from info verify cat' -a info -d 'Print where, when and how a log was recorded'
complete -c edgebench-lite -n '__fish_seen_subcommand_from log; and not __fish_seen_subcommand_from info verify cat' -a verify -d 'Check logs for damage and missing samples'
complete -c edgebench-lite -n '__fish_seen_subcommand_from log; and not __fish_seen_subcommand_from info verify cat' -a cat -d 'Print all that a log says, as JSON lines'
complete -c edgebench-lite -n 'not __fish_seen_subcommand_from record report compare footprint log selftest' -a selftest -d 'Tell what this kernel and this user allow, a line each, with the remedy'

complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -s d -l duration -x -d 'how long to record, such as 90s, 5m or 1h30m'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -s i -l interval -x -d 'time from one sample to the next, 100ms to 1h'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -s o -l output -r -F -d 'log to write'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l product -x -d 'what is being measured, such as k3s or izuma'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l stage -x -a 'baseline edge workload ramp' -d 'stage of the benchmark'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l key -x -d 'which processes the product is, LABEL=PATTERN'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l unit -x -d 'systemd unit whose processes the product is, such as nginx.service'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l cgroup -x -d 'cgroup whose processes the product is, with all below it'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l pss -x -a 'auto exact off' -d 'how PSS is measured'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l pss-budget -x -d 'CPU time that auto may spend on reading PSS, a second'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l max-size -x -d 'largest size of the log, such as 4M, at least 256k'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l sync -x -d 'time after which what is written is also safe from a loss of power'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l redact -d 'keep only the first argument of each command line, which may hold passwords'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -s q -l quiet -d 'show no progress on the terminal, and print no summary at the end'

complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -F
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l top -x -d 'processes in each table'
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l by -x -a 'name process unit slice container pod' -d 'what a row is'
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l memory -x -a 'pss rss' -d 'what the memory of a process is'
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l key -x -d 'which processes the product is, LABEL=PATTERN'
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l unit -x -d 'systemd unit whose processes the product is'
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l cgroup -x -d 'cgroup whose processes the product is, with all below it'
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l no-charts -d 'figures only: no charts, and no series over time in the tables'
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l format -x -a 'text markdown json csv html svg prom' -d 'what is printed'
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l export -r -F -d 'file to write the report to as well, as its suffix says'

complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -F
complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -l reference -x -d 'product that the others are put against'
complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -l facts -x -d 'values measured by hand'
complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -l profile -x -d 'whose processes are a product\'s own, PRODUCT=PROFILE, where it is not called as its profile '
complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -l key -x -d 'which processes a product is, [PRODUCT:]LABEL=PATTERN'
complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -l unit -x -d 'systemd unit whose processes a product is, [PRODUCT=]UNIT'
complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -l cgroup -x -d 'cgroup whose processes a product is, [PRODUCT=]PATH'
complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -l format -x -a 'text markdown json csv html svg' -d 'what is printed'
complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -l export -r -F -d 'file to write the table to as well, as its suffix says'

complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -F
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l profile -x -a 'izuma k3s microk8s k0s kubeedge auto' -d 'product whose key processes are shown'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l key -x -d 'a key process to add, LABEL=PATTERN'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l unit -x -d 'systemd unit to add, all its processes in a row'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l cgroup -x -d 'cgroup to add, with all below it'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l by -x -a 'unit slice container pod' -d 'show every process in one row of these instead'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l over -x -d 'with --by: time that CPU is measured over'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l compat -x -a 'edge-info' -d 'reproduce the figures of another tool, its defects included'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l format -x -a 'text json' -d 'text or json'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l watch -x -d 'show it again every so often, such as 2s'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l at -x -d 'with LOG: time after the start of its last run, such as 90s'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -s o -l output -r -F -d 'log to append the figures to, for compare'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l product -x -d 'with --output: what is being measured, such as k3s'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l stage -x -a 'baseline edge workload ramp' -d 'with --output: stage of the benchmark'

complete -c edgebench-lite -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from info' -F

complete -c edgebench-lite -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from verify' -F

complete -c edgebench-lite -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -F

