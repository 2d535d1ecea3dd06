# fish completion for edgebench-lite. Made from what --help is made of:
# EDGEBENCH_WRITE=1 cargo test --test pages

complete -c edgebench-lite -f
complete -c edgebench-lite -s h -l help -d 'display usage information'
complete -c edgebench-lite -n __fish_use_subcommand -l version -d 'print version, target and commit, and exit'
complete -c edgebench-lite -n 'not __fish_seen_subcommand_from record report compare footprint boot peer log selftest' -a record -d 'Sample the machine and every process into a log until the duration is over, or until SIGINT, SIGTERM or SIGHUP'
complete -c edgebench-lite -n 'not __fish_seen_subcommand_from record report compare footprint boot peer log selftest' -a report -d 'Print the summary of one or more logs'
complete -c edgebench-lite -n 'not __fish_seen_subcommand_from record report compare footprint boot peer log selftest' -a compare -d 'Print the table that compares products'
complete -c edgebench-lite -n 'not __fish_seen_subcommand_from record report compare footprint boot peer log selftest' -a footprint -d 'Print who takes the memory'
complete -c edgebench-lite -n 'not __fish_seen_subcommand_from record report compare footprint boot peer log selftest' -a boot -d 'Time a start'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and not __fish_seen_subcommand_from watch restart' -a watch -d 'Time a board\'s start on its serial line, from power-on or a restart to the login prompt, with a host\'s clock'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and not __fish_seen_subcommand_from watch restart' -a restart -d 'Restart this machine and time it, by the clocks before and after'
complete -c edgebench-lite -n 'not __fish_seen_subcommand_from record report compare footprint boot peer log selftest' -a peer -d 'Answer the boards that run `survive firewall`, on the management side'
complete -c edgebench-lite -n 'not __fish_seen_subcommand_from record report compare footprint boot peer log selftest' -a log -d 'Look into logs'
complete -c edgebench-lite -n '__fish_seen_subcommand_from log; and not __fish_seen_subcommand_from info verify cat' -a info -d 'Print where, when and how a log was recorded'
complete -c edgebench-lite -n '__fish_seen_subcommand_from log; and not __fish_seen_subcommand_from info verify cat' -a verify -d 'Check logs for damage and missing samples'
complete -c edgebench-lite -n '__fish_seen_subcommand_from log; and not __fish_seen_subcommand_from info verify cat' -a cat -d 'Print a whole log as JSON lines'
complete -c edgebench-lite -n 'not __fish_seen_subcommand_from record report compare footprint boot peer log selftest' -a selftest -d 'Check what this kernel and this user allow, one line each, with the remedy'

complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -s d -l duration -x -d 'how long to record, such as 90s, 5m or 1h30m'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -s i -l interval -x -d 'interval between samples, 100ms to 1h'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -s o -l output -r -F -d 'log to write'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l product -x -d 'what is being measured, such as k3s or izuma'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l stage -x -a 'baseline edge workload ramp' -d 'stage of the benchmark'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l key -x -d 'processes that make up the product, LABEL=PATTERN'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l unit -x -d 'systemd unit whose processes make up the product, such as nginx.service'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l cgroup -x -d 'cgroup whose processes, and those below it, make up the product'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l pss -x -a 'auto exact off' -d 'how to measure PSS'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l pss-budget -x -d 'CPU time per second that auto may spend on reading PSS'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l max-size -x -d 'maximum size of the log, such as 4M, at least 256k'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l sync -x -d 'how often the log is synced to the disk'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l probe -x -d 'command to time beside the sampling, such as \'kubectl get nodes\''
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l probe-every -x -d 'how often the probe is run'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l probe-timeout -x -d 'how long a run of the probe may take before it is killed, with all that it started'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -l redact -d 'keep only the first argument of each command line, and of the probe'
complete -c edgebench-lite -n '__fish_seen_subcommand_from record' -s q -l quiet -d 'show no progress, and print no summary at the end'

complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -F
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l top -x -d 'processes in each table'
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l by -x -a 'name process unit slice container pod' -d 'group rows by name , process, unit, slice, container or pod'
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l memory -x -a 'pss rss' -d 'memory of a process to show'
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l key -x -d 'processes that make up the product, LABEL=PATTERN'
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l unit -x -d 'systemd unit whose processes make up the product'
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l cgroup -x -d 'cgroup whose processes, and those below it, make up the product'
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l no-charts -d 'print figures only'
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l format -x -a 'text markdown json csv html svg prom' -d 'output format: text , markdown, json, csv, html, svg or prom'
complete -c edgebench-lite -n '__fish_seen_subcommand_from report' -l export -r -F -d 'file to write the report to as well'

complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -F
complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -l reference -x -d 'product to compare the others with'
complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -l facts -r -F -d 'file of values measured by hand'
complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -l profile -x -d 'profile of a product with another name, PRODUCT=PROFILE, one of izuma, k3s, microk8s, k0s, kubeedge'
complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -l key -x -d 'processes that make up a product, [PRODUCT:]LABEL=PATTERN'
complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -l unit -x -d 'systemd unit whose processes make up a product, [PRODUCT=]UNIT'
complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -l cgroup -x -d 'cgroup whose processes make up a product, [PRODUCT=]PATH'
complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -l format -x -a 'text markdown json csv html svg' -d 'output format: text , markdown, json, csv, html or svg'
complete -c edgebench-lite -n '__fish_seen_subcommand_from compare' -l export -r -F -d 'file to write the table to as well'

complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -F
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l profile -x -a 'izuma k3s microk8s k0s kubeedge auto' -d 'product whose key processes to show'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l key -x -d 'key process to add, LABEL=PATTERN'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l unit -x -d 'systemd unit to add, with all its processes in one row'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l cgroup -x -d 'cgroup to add, with all below it in one row'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l by -x -a 'unit slice container pod' -d 'group all processes instead, by unit, slice, container or pod'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l over -x -d 'with --by: how long to measure CPU'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l compat -x -a 'edge-info' -d 'reproduce the figures of another tool, its defects included'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l format -x -a 'text json' -d 'output format: text or json'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l watch -x -d 'repeat at this interval, such as 2s, in place on a terminal, until SIGINT, SIGTERM or SIGHUP'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l at -x -d 'with LOG: time after the start of its last run, such as 90s'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -s o -l output -r -F -d 'log to append the figures to, for compare'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l product -x -d 'with --output: what is being measured, such as k3s'
complete -c edgebench-lite -n '__fish_seen_subcommand_from footprint' -l stage -x -a 'baseline edge workload ramp' -d 'with --output: stage of the benchmark'

complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -F
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -l baud -x -d 'rate of the line, in bits a second'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -l start -x -d 'where the time begins'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -l power-on -x -d 'shell command that switches the power on'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -l power-off -x -d 'shell command that switches the power off first'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -l off -x -d 'how long the power stays off'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -l until -x -d 'where the time ends'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -l mark -x -d 'moment to time as well, NAME=PATTERN'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -l nudge -x -d 'how often to press Enter for a prompt'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -l nudge-after -x -d 'how long after the start to press it first'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -l timeout -x -d 'how long to wait for the prompt'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -l runs -x -d 'how many starts to time, one after the other'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -l restart -x -d 'command that restarts the board, typed on its console, such as reboot'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -l login -x -d 'user to log in as before the restart'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -l password-file -r -F -d 'file with the user\'s password in its first line'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -l transcript -r -F -d 'file for all bytes as they came'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -s o -l output -r -F -d 'log to append the results to, for compare'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from watch' -l product -x -d 'with --output: what is being measured, such as k3s'

complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from restart' -l now -d 'restart this machine now'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from restart' -l runs -x -d 'with --now: how many restarts to time, one after the other, 20 at most'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from restart' -l finish -d 'write the result of the restart that this boot followed'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from restart' -l wait-sync -x -d 'with --finish: how long to wait for the clock to be synchronised'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from restart' -l check -x -d 'with --finish: check that tells when the product is ready, as in survive ip-change'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from restart' -l cancel -d 'forget a restart that was noted'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from restart' -s o -l output -x -d 'with --now: log to append the results to, for compare'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from restart' -l product -x -d 'with --now: what is being measured, such as k3s'
complete -c edgebench-lite -n '__fish_seen_subcommand_from boot; and __fish_seen_subcommand_from restart' -l note -r -F -d 'file that the restart is noted in'

complete -c edgebench-lite -n '__fish_seen_subcommand_from peer' -l tcp -x -d 'TCP ports, 8 at most'
complete -c edgebench-lite -n '__fish_seen_subcommand_from peer' -l udp -x -d 'UDP ports, 8 at most'
complete -c edgebench-lite -n '__fish_seen_subcommand_from peer' -l key-file -x -d 'answer only boards that have the same key'

complete -c edgebench-lite -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from info' -F

complete -c edgebench-lite -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from verify' -F

complete -c edgebench-lite -n '__fish_seen_subcommand_from log; and __fish_seen_subcommand_from cat' -F

