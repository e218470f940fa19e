module github.com/leasehold-dev/leasehold/examples/benchmarks

go 1.26.0

replace github.com/leasehold-dev/leasehold => ../..

require (
	github.com/Cryptolens/cryptolens-golang v0.0.0-20220630131701-c1b99a2da081
	github.com/keygen-sh/keygen-go/v3 v3.2.1
	github.com/leasehold-dev/leasehold v0.0.0-00010101000000-000000000000
	github.com/shopspring/decimal v1.6.0
)

require (
	github.com/danieljoos/wincred v1.2.3 // indirect
	github.com/denisbrodbeck/machineid v1.0.1 // indirect
	github.com/godbus/dbus/v5 v5.2.2 // indirect
	github.com/gofrs/flock v0.13.1 // indirect
	github.com/google/go-querystring v1.1.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.1 // indirect
	github.com/keygen-sh/go-update v1.0.0 // indirect
	github.com/keygen-sh/jsonapi-go v1.2.1 // indirect
	github.com/oasisprotocol/curve25519-voi v0.0.0-20211102120939-d5a936accd94 // indirect
	github.com/robfig/cron/v3 v3.0.1 // indirect
	github.com/zalando/go-keyring v0.2.8 // indirect
	golang.org/x/crypto v0.0.0-20210813211128-0a44fdfbc16e // indirect
	golang.org/x/sys v0.49.0 // indirect
	rsc.io/qr v0.2.0 // indirect
)
