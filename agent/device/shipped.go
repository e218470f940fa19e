package device

// shippedWith names the disk image or firmware that is known to be shipped
// with the machine ID id (lower case, no hyphens), or returns "".
//
// Only IDs that were published are listed, each group with its source. An ID
// on the list moves new installations to an installation ID; see
// [Config.Known] for those already activated.
//
// It is long because it is a list of the signs by which an image shows that it is one.
func shippedWith(id string) string {
	switch id {
	// https://github.com/debuerreotype/docker-debian-artifacts/issues/151
	case "85f94e57ab75f80918cab17d001eac85", // 11.1
		"88544b92092430bc5d3fbbffc12a2f04": // 11.2
		return "a Debian 11 container image"

	// https://github.com/hartwork/image-bootstrap/issues/13
	case "cdb7f92199c748a7a20d33ab52974cbb":
		return "the Debian 8.1 cloud image"

	// https://github.com/linuxmint/linuxmint/issues/361 and, for 21,
	// https://github.com/linuxmint/linuxmint/issues/126
	case "b76cc7b1bbdc489e93909d2043031de8",
		"e7d0df732b0649e49e97a4d764308014":
		return "the Linux Mint live system"

	// https://github.com/weaveworks/footloose/issues/154 and
	// https://github.com/weaveworks/footloose/issues/280
	case "ebb19c6b226f48fa86a541fd060e8762",
		"3766705eb195582e8168a9a1b913c7c7":
		return "a footloose container image"

	// https://github.com/TheRemote/Ubuntu-Server-raspi4-unofficial/issues/74
	case "1c4ad377574c4263adbb7c624b6a3429":
		return "an unofficial Ubuntu image for the Raspberry Pi"

	// https://github.com/hypriot/image-builder-rpi/issues/167
	case "9989a26f06984d6dbadc01770f018e3b":
		return "the Hypriot image for the Raspberry Pi"

	// https://github.com/Whonix/dist-base-files/blob/master/etc/machine-id:
	// all users share it on purpose.
	case "b08dfa6083e7567a1921a715000001fb":
		return "Whonix and Kicksecure"

	// https://github.com/denisbrodbeck/machineid/issues/6 names the provider;
	// the ID shows in public logs of many of its servers.
	case "f0f31005fb5a436d88e3c6cbf54e25aa":
		return "the CentOS 7 image of a cloud provider"

	// Mainboards whose maker left the system UUID at a default, from which
	// macOS and virtual machines take their ID. Those that FreeBSD refuses:
	// https://github.com/freebsd/freebsd-src/blob/main/libexec/rc/rc.d/hostid
	case "00020003000400050006000700080009",
		"03000200040005000006000700080009",
		"07090201010303010807060504030201",
		"11111111222233334444555555555555",
		"4c4c454400002010802080c04f202020",
		"58585858585858585858585858585858",
		"890e2d14cacd45d1ae66bc80e8bfeb0f",
		"8e275844178f44a8aceba7d7e5178c63",
		"dc698397fa544cf282c8b1b5307a6a7f",
		"fefefefefefefefefefefefefefefefe":
		return "mainboards that have no ID of their own"
	}
	return ""
}
