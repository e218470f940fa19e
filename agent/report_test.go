package agent

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/leasehold-dev/leasehold/agent/device"
	"github.com/leasehold-dev/leasehold/agent/slascone"
	"github.com/leasehold-dev/leasehold/storage"
)

func TestProblemText(t *testing.T) {
	const unusable = "what was kept of the licence cannot be used: "
	damaged := fmt.Errorf("storage: load: %w", fmt.Errorf("%w: seal is broken", storage.ErrDamaged))
	drift := &device.Drift{Kept: "a", Current: "b"}
	for _, tt := range []struct {
		name      string
		diagnosis Diagnosis
		want      string
	}{
		{"nothing", Diagnosis{}, ""},
		{"damaged", Diagnosis{Problem: damaged}, unusable + "record is damaged: seal is broken"},
		{"joined with nothing", Diagnosis{Problem: errors.Join(nil, damaged)}, unusable + "record is damaged: seal is broken"},
		{"bare", Diagnosis{Problem: storage.ErrForeign}, unusable + "record belongs to another device or product"},
		{"evidence", Diagnosis{Problem: fmt.Errorf("slascone: %w: edited", slascone.ErrBadEvidence)}, unusable + "the kept licence data does not verify: edited"},
		{"unknown", Diagnosis{Problem: errors.New("agent: the moon")}, unusable + "the moon"},
		{"two", Diagnosis{Problem: errors.Join(errors.New("agent: one"), errors.New("two"))}, unusable + "one; two"},
		{"another device", Diagnosis{Drift: drift}, drift.String()},
		{"another device, activated since", Diagnosis{Drift: drift, LicenseProvenAt: time.Unix(1, 0)}, ""},
		{"damaged, on another device", Diagnosis{Problem: damaged, Drift: drift}, unusable + "record is damaged: seal is broken"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.diagnosis.ProblemText(); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}
