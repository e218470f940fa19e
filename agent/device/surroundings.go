package device

import (
	"fmt"
	"strings"
)

// surroundings reports what there is to say about the place the application
// runs in. It reads files and the environment, and changes nothing.
func (p platform) surroundings() []Warning {
	// Not nil: JSON readers get [] and not null.
	warnings := []Warning{}
	if kind := p.container(); kind != "" {
		warnings = append(warnings, Warning{Code: WarningContainer, Text: fmt.Sprintf(
			"The application runs in %s. The machine ID there may belong to the image or to the host, and what the application keeps may be lost with it. "+
				"Keep its data on a volume, give it a device ID of its own, or license it by floating sessions.", kind)})
	}
	if p.goos == "linux" && p.mounts().readOnly("/") {
		warnings = append(warnings, Warning{Code: WarningReadOnly, Text: "The root file system is read-only. " +
			"Keep the data of the application in a place that is writable and that lasts."})
	}
	return warnings
}

// container names the kind of container, or returns "".
//
// Flatpak and Snap are not among them: they show the machine ID of the host
// and keep the data of the application.
func (p platform) container() string {
	if p.getenv("KUBERNETES_SERVICE_HOST") != "" {
		return "a Kubernetes container"
	}
	if p.goos != "linux" {
		return ""
	}
	switch {
	case p.exists(".dockerenv"):
		return "a Docker container"
	case p.exists("run/.containerenv"):
		return "a Podman container"
	}
	// The container manager's name for itself, see
	// https://systemd.io/CONTAINER_INTERFACE/.
	for _, name := range []string{"run/host/container-manager", "run/systemd/container"} {
		if manager := strings.TrimSpace(p.read(name)); manager != "" {
			if manager == "wsl" {
				return wsl
			}
			return "a container (" + printable(manager) + ")"
		}
	}
	for _, name := range []string{"proc/self/cgroup", "proc/1/cgroup"} {
		if kind := containerOf(p.read(name)); kind != "" {
			return kind
		}
	}
	if release := strings.ToLower(p.read("proc/sys/kernel/osrelease")); strings.Contains(release, "microsoft") || p.getenv("WSL_DISTRO_NAME") != "" {
		return wsl
	}
	return ""
}

const wsl = "the Windows Subsystem for Linux"

// containerOf recognises the container managers by how they name their control
// groups. The lines are "id:controllers:path"; a daemon such as docker.service
// on the host is no container, so whole path elements are compared.
func containerOf(cgroup string) string {
	for line := range strings.Lines(cgroup) {
		_, rest, _ := strings.Cut(strings.TrimSpace(line), ":")
		_, group, _ := strings.Cut(rest, ":")
		elements := strings.Split(group, "/")
		for i, e := range elements {
			last := i == len(elements)-1
			switch {
			case strings.HasPrefix(e, "kubepods"):
				return "a Kubernetes container"
			case e == "docker" && !last, strings.HasPrefix(e, "docker-") && strings.HasSuffix(e, ".scope"):
				return "a Docker container"
			case strings.HasPrefix(e, "libpod-"):
				return "a Podman container"
			case e == "lxc" && !last, strings.HasPrefix(e, "lxc.payload"):
				return "an LXC container"
			case strings.HasPrefix(e, "cri-containerd-"), strings.HasPrefix(e, "crio-"):
				return "a Kubernetes container"
			}
		}
	}
	return ""
}

func (p platform) exists(name string) bool {
	_, err := p.root.Stat(name)
	return err == nil
}

// read returns the content of a file, or "" if it cannot be read.
func (p platform) read(name string) string {
	data, err := p.root.ReadFile(name)
	if err != nil {
		return ""
	}
	return string(data)
}

// printable cuts a word that came from a file down to what fits a message.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), 32)]
}
