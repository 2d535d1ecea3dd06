//! Complete plans, for products that many have.

/// What a plan of one product has, and no other.
struct Example {
    product: &'static str,
    /// The lines from `start` to `remove`, and of the ramp.
    lines: &'static str,
}

const EXAMPLES: [Example; 5] = [
    Example {
        product: "k3s",
        lines: "\
start     \"systemctl start k3s\"
ready     \"k3s kubectl get --raw=/readyz\" within 10m
stop      k3s-killall.sh               # a stopped k3s leaves its containers
deploy    \"k3s kubectl create deployment hello --image=nginx\"
deployed  \"k3s kubectl rollout status deployment/hello --timeout=1s\" within 10m
remove    \"k3s kubectl delete deployment hello\"
probe     \"k3s kubectl get nodes\"
ramp      \"k3s kubectl create deployment r{n} --image=nginx\"
ramp-ready \"k3s kubectl rollout status deployment/r{n} --timeout=1s\"
ramp-undo \"k3s kubectl delete deployment r{n}\"
",
    },
    Example {
        product: "izuma",
        lines: "\
unit      edge-core.service            # beside those of the profile izuma
start     \"systemctl start edge-core edge-proxy maestro kubelet\"
ready     \"curl -fs http://127.0.0.1:9101/status | grep -q connected\" within 10m
stop      \"systemctl stop kubelet maestro edge-proxy edge-core; docker ps -q | xargs -r docker stop\"
# kubectl runs where the management side is.
deploy    \"ssh host kubectl apply -f hello.yaml\"
deployed  \"ssh host kubectl wait --for=condition=Ready --timeout=1s pod/hello\" within 10m
remove    \"ssh host kubectl delete -f hello.yaml\"
ramp      \"ssh host kubectl run r{n} --image=nginx\"
ramp-ready \"ssh host kubectl wait --for=condition=Ready --timeout=1s pod/r{n}\"
ramp-undo \"ssh host kubectl delete pod r{n}\"
",
    },
    Example {
        product: "docker",
        lines: "\
unit      docker.service
unit      containerd.service
start     \"systemctl start docker\"
ready     \"docker info\" within 2m
stop      \"docker ps -q | xargs -r docker stop; systemctl stop docker docker.socket containerd\"
deploy    \"docker run -d --name hello nginx\"
deployed  \"docker top hello\"
remove    \"docker rm -f hello\"
probe     \"docker ps\"
ramp      \"docker run -d --name r{n} nginx\"
ramp-ready \"docker top r{n}\"
ramp-undo \"docker rm -f r{n}\"
check     unit:docker.service
",
    },
    Example {
        product: "containerd",
        lines: "\
unit      containerd.service
start     \"systemctl start containerd\"
ready     \"ctr --connect-timeout 1s version\" within 2m
stop      \"ctr --connect-timeout 1s task ls -q | xargs -r -n 1 ctr task rm -f; systemctl stop containerd\"
deploy    \"ctr run -d docker.io/library/nginx:latest hello\"
deployed  \"ctr task ps hello\"
remove    \"ctr task rm -f hello; ctr container rm hello\"
probe     \"ctr task ls\"
ramp      \"ctr run -d docker.io/library/nginx:latest r{n}\"
ramp-ready \"ctr task ps r{n}\"
ramp-undo \"ctr task rm -f r{n}; ctr container rm r{n}\"
check     unit:containerd.service
",
    },
    Example {
        product: "systemd",
        lines: "\
unit      hello.service                # a product that is one unit
start     \"systemctl start hello\"
ready     \"systemctl is-active hello\" within 2m
stop      \"systemctl stop hello\"
deploy    \"systemd-run --unit=work sleep infinity\"
deployed  \"systemctl is-active work\"
remove    \"systemctl stop work\"
ramp      \"systemd-run --unit=r{n} sleep infinity\"
ramp-ready \"systemctl is-active r{n}\"
ramp-undo \"systemctl stop r{n}\"
check     unit:hello.service
",
    },
];

/// The plan for a product; `None`: there is no example of it.
pub(crate) fn example(product: &str) -> Option<String> {
    let of = EXAMPLES.iter().find(|example| example.product == product)?;
    let (product, lines) = (of.product, of.lines);
    Some(format!(
        "\
# bench --check FILE says what this plan does; bench FILE does it.
product   {product}
directory /var/lib/edgebench-lite/{product}

{lines}
runs      baseline 5 of 5m
runs      edge     5 of 5m
runs      workload 5 of 5m
fresh     start                        # boot: the board is restarted before each run
restarts  5
settle    1m within 10m
again     3
# With the names and addresses of your network:
# ip-change iface eth0 to 192.168.1.77/24
# firewall  peer 203.0.113.5 role agent
"
    ))
}

/// The products that there are examples of, for messages.
pub(crate) fn known() -> String {
    EXAMPLES.map(|example| example.product).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::plan::Plan;
    use crate::bench::steps::steps;

    #[test]
    fn every_example_is_a_complete_plan() {
        for name in known().split(", ") {
            let text = example(name).expect("it is known");
            let plan = Plan::parse(text.as_bytes());
            let plan =
                plan.unwrap_or_else(|error| panic!("{name}:{}: {}", error.line, error.fault));
            assert_eq!(plan.text("product"), name);
            // Five of each stage, a ramp and five restarts.
            assert_eq!(steps(&plan).len(), 21, "{name}");
        }
        assert_eq!(example("k4s"), None);
    }
}
