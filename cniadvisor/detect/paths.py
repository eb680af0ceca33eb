"""The inventory keys detection looks at, for the reader that fills an inventory.

Detection works with any subset. A list may also be given per namespace
(``/apis/apps/v1/namespaces/kube-system/daemonsets``), a ConfigMap by name
(``/api/v1/namespaces/kube-system/configmaps/cilium-config``), and a key may carry a query.
"""

PATHS: tuple[str, ...] = (
    # /version: the distribution, where nodes can't be read
    "/version",
    # Groups of former and present CNIs; any authenticated user may read this
    "/apis",
    # Distribution, conditions, annotations, podCIDRs, coverage
    "/api/v1/nodes",
    # Agents' pods and a sample of the others: who wired them, which are stuck
    "/api/v1/pods",
    # CONFIG_MAPS below, by name or as a list
    "/api/v1/configmaps",
    # Why pods are stuck (reason FailedCreatePodSandBox is enough)
    "/api/v1/events",
    # The agents: the strongest evidence there is
    "/apis/apps/v1/daemonsets",
    # tigera-operator, cilium-operator, controllers
    "/apis/apps/v1/deployments",
    # Whether there is anything for a policy engine to enforce
    "/apis/networking.k8s.io/v1/networkpolicies",
    # Groups of custom resources, where /apis was not read
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    # Calico: encapsulation of each pool
    "/apis/crd.projectcalico.org/v1/ippools",
    # Calico: eBPF, nftables, WireGuard, MTUs
    "/apis/crd.projectcalico.org/v1/felixconfigurations",
    # Calico: version
    "/apis/crd.projectcalico.org/v1/clusterinformations",
    # The same where Calico's resources are native or aggregated projectcalico.org/v3
    "/apis/projectcalico.org/v3/ippools",
    "/apis/projectcalico.org/v3/felixconfigurations",
    "/apis/projectcalico.org/v3/clusterinformations",
    # Calico operator: who is the CNI, dataplane, BGP, MTU
    "/apis/operator.tigera.io/v1/installations",
    # Cilium: WireGuard keys and pod CIDRs of nodes
    "/apis/cilium.io/v2/ciliumnodes",
    # Cilium: which pods it manages
    "/apis/cilium.io/v2/ciliumendpoints",
    # Cilium: settings that differ per node (older clusters: v2alpha1)
    "/apis/cilium.io/v2/ciliumnodeconfigs",
    "/apis/cilium.io/v2alpha1/ciliumnodeconfigs",
    # Multus: attachments that pods may ask for
    "/apis/k8s.cni.cncf.io/v1/network-attachment-definitions",
    # OpenShift: the network type it says it runs
    "/apis/config.openshift.io/v1/networks",
    # Antrea: version of each agent
    "/apis/crd.antrea.io/v1beta1/antreaagentinfos",
    # RKE2 and k3s: charts, which show intent only
    "/apis/helm.cattle.io/v1/helmcharts",
    # Optional, from nodes: the CNI configuration files
    "host:/etc/cni/net.d",
)

CONFIG_MAPS: tuple[str, ...] = (
    # Flannel and Canal: net-conf.json
    "kube-flannel-cfg",
    "canal-config",
    "rke2-canal-config",
    # Calico: backend and MTU; the operator's CNI configuration
    "calico-config",
    "cni-config",
    # Cilium: everything
    "cilium-config",
    # Multus: thin or thick
    "multus-cni-config",
    "multus-daemon-config",
    # Others
    "antrea-config",
    "ovn-config",
    "kube-router-cfg",
    "amazon-vpc-cni",
    # kube-proxy's mode (kubeadm and others; EKS)
    "kube-proxy",
    "kube-proxy-config",
)
"""Names of the ConfigMaps read; their namespaces are the agents' and kube-system. A ConfigMap that
an agent's pod template mounts is read by that name as well."""
