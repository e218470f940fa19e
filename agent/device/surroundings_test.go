package device

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestContainer(t *testing.T) {
	id := strings.Repeat("0a", 32)
	file := func(name, content string) fstest.MapFS { return fstest.MapFS{name: {Data: []byte(content)}} }
	cgroup := func(content string) fstest.MapFS { return file("proc/self/cgroup", content) }
	tests := []struct {
		name string
		goos string
		root fstest.MapFS
		env  map[string]string
		want string
	}{
		{"desktop", "linux", cgroup("0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-editor.scope\n"), nil, ""},
		{"nothing readable", "linux", nil, nil, ""},
		{"docker", "linux", file(".dockerenv", ""), nil, "a Docker container"},
		{"podman, toolbox, distrobox", "linux", file("run/.containerenv", ""), nil, "a Podman container"},
		{"kubernetes", "linux", nil, map[string]string{"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "a Kubernetes container"},
		{"kubernetes on Windows", "windows", nil, map[string]string{"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "a Kubernetes container"},
		{"nspawn", "linux", file("run/host/container-manager", "systemd-nspawn\n"), nil, "a container (systemd-nspawn)"},
		{"manager with control characters", "linux", file("run/systemd/container", "x\x1b[31m\n"), nil, "a container (x[31m)"},
		{"cgroup v1 docker", "linux", cgroup("12:pids:/docker/" + id + "\n"), nil, "a Docker container"},
		{"cgroup v2 docker", "linux", cgroup("0::/system.slice/docker-" + id + ".scope\n"), nil, "a Docker container"},
		{"docker daemon on the host", "linux", cgroup("0::/system.slice/docker.service\n"), nil, ""},
		{"parent group on the host", "linux", cgroup("1:name=systemd:/docker\n"), nil, ""},
		{"kubepods", "linux", cgroup("0::/kubepods.slice/kubepods-besteffort.slice/cri-containerd-" + id + ".scope\n"), nil, "a Kubernetes container"},
		{"libpod", "linux", cgroup("0::/machine.slice/libpod-" + id + ".scope/container\n"), nil, "a Podman container"},
		{"lxc", "linux", cgroup("4:memory:/lxc/box\n"), nil, "an LXC container"},
		{"lxc payload", "linux", cgroup("0::/lxc.payload.box/init.scope\n"), nil, "an LXC container"},
		{"init's cgroup", "linux", file("proc/1/cgroup", "0::/crio-"+id+".scope\n"), nil, "a Kubernetes container"},
		{"torn cgroup", "linux", cgroup("::\n\n12\nx:y"), nil, ""},
		{"WSL 2", "linux", file("proc/sys/kernel/osrelease", "6.6.87.2-microsoft-standard-WSL2\n"), nil, wsl},
		{"WSL by manager", "linux", file("run/systemd/container", "wsl\n"), nil, wsl},
		{"WSL by environment", "linux", nil, map[string]string{"WSL_DISTRO_NAME": "Ubuntu"}, wsl},
		{"docker inside WSL", "linux", fstest.MapFS{".dockerenv": {}, "proc/sys/kernel/osrelease": {Data: []byte("6.6-microsoft")}}, nil, "a Docker container"},
		{"files do not count elsewhere", "darwin", file(".dockerenv", ""), nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := fakePlatform(goodID)
			p.goos = tt.goos
			p.root = tt.root
			p.getenv = func(name string) string { return tt.env[name] }
			if got := p.container(); got != tt.want {
				t.Errorf("container() = %q, want %q", got, tt.want)
			}
			warnings := p.surroundings()
			if (len(warnings) == 1) != (tt.want != "") {
				t.Fatalf("warnings = %v", warnings)
			}
			if tt.want != "" && (warnings[0].Code != WarningContainer || !strings.Contains(warnings[0].Text, tt.want)) {
				t.Errorf("warning = %v", warnings[0])
			}
		})
	}
}
