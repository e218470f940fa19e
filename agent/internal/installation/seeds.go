package installation

import "context"

// Seeded reports whether the pre-seeded key with this mark was activated here
// before.
func (k *Installation) Seeded(mark string) bool {
	seeds := k.seeds.Load()
	return seeds != nil && holds(*seeds, mark)
}

// RememberSeed notes that the pre-seeded key with this mark was activated.
func (k *Installation) RememberSeed(ctx context.Context, mark string) error {
	var had []string
	if seeds := k.seeds.Load(); seeds != nil {
		had = *seeds
	}
	now := putFirst(had, mark)
	k.seeds.Store(&now) // for this run, also when it cannot be kept
	_, err := k.change(ctx, func(in *kept) { in.Seeded = putFirst(in.Seeded, mark) })
	return err
}
