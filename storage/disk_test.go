package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"

	"github.com/leasehold-dev/leasehold/storage"
)

// disk is a file system in memory that can lose power or fill up at any step.
// What was not synced by then may be there, be gone, or be torn.
type disk struct {
	mu    sync.Mutex
	rand  *rand.Rand
	now   map[string]*inode // what a running system sees
	kept  map[string]*inode // the names that are safely on the disk
	loose []change          // changes of names since the folder was synced
	locks map[string]chan struct{}

	steps  int
	failAt int          // the step that fails; 0: none
	fail   func() error // what it fails with
	once   bool         // later steps work again
}

type inode struct {
	data   []byte
	synced []byte
}

type change struct {
	name string
	node *inode // nil: removed
}

var (
	errPower = errors.New("the power is gone")
	errFull  = errors.New("no space left on device")
)

func newDisk(r *rand.Rand) *disk {
	return &disk{rand: r, now: map[string]*inode{}, kept: map[string]*inode{}, locks: map[string]chan struct{}{}}
}

// step counts one operation, and says whether it fails and with what.
func (d *disk) step() error {
	d.steps++
	if d.failAt == 0 || d.steps < d.failAt || d.once && d.steps > d.failAt {
		return nil
	}
	return d.fail()
}

// restart is the disk after the process was killed, or after the power was
// cut: then unsynced names and bytes are there or not.
func (d *disk) restart(powerCut bool) *disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := newDisk(d.rand)
	if !powerCut {
		n.now = maps.Clone(d.now)
		n.kept, n.loose = d.kept, d.loose
		return n
	}
	names := maps.Clone(d.kept)
	for _, c := range d.loose {
		if d.rand.IntN(2) == 0 {
			continue
		}
		if c.node == nil {
			delete(names, c.name)
		} else {
			names[c.name] = c.node
		}
	}
	for name, old := range names {
		data := old.synced
		if !bytes.Equal(old.data, old.synced) {
			switch d.rand.IntN(3) {
			case 0:
				data = old.data
			case 1:
				data = old.data[:d.rand.IntN(len(old.data)+1)]
			case 2:
				data = make([]byte, len(old.data)) // allocated, never written
			}
		}
		node := &inode{data: bytes.Clone(data), synced: bytes.Clone(data)}
		n.now[name], n.kept[name] = node, node
	}
	return n
}

func (d *disk) MakeFolder(string) error { return nil }
func (d *disk) Writable(string) error   { return nil }

func (d *disk) Read(path string, limit int64) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	node, ok := d.now[path]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	if int64(len(node.data)) > limit {
		return nil, &fs.PathError{Op: "read", Path: path, Err: storage.ErrTooLong}
	}
	return bytes.Clone(node.data), nil
}

// put writes a file behind the store's back.
func (d *disk) put(path string, data []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now[path] = &inode{data: bytes.Clone(data)}
}

func (d *disk) Create(path string) (storage.File, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(); err != nil {
		return nil, err
	}
	if d.now[path] != nil {
		return nil, &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	}
	node := &inode{}
	d.link(path, node)
	return &diskFile{disk: d, node: node}, nil
}

func (d *disk) link(path string, node *inode) {
	if node == nil {
		delete(d.now, path)
	} else {
		d.now[path] = node
	}
	d.loose = append(d.loose, change{path, node})
}

func (d *disk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(); err != nil {
		return err
	}
	node, ok := d.now[from]
	if !ok {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	d.link(to, node)
	d.link(from, nil)
	return nil
}

func (d *disk) Remove(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.now[path] == nil {
		return &fs.PathError{Op: "remove", Path: path, Err: fs.ErrNotExist}
	}
	if err := d.step(); err != nil {
		return err
	}
	d.link(path, nil)
	return nil
}

func (d *disk) List(folder string) ([]string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for path := range d.now {
		if filepath.Dir(path) == folder {
			names = append(names, filepath.Base(path))
		}
	}
	slices.Sort(names) // the same steps in the same order each time
	return names, nil
}

func (d *disk) SyncFolder(string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(); err != nil {
		return err
	}
	d.kept, d.loose = maps.Clone(d.now), nil
	return nil
}

func (d *disk) Lock(ctx context.Context, path string, _ bool) (func(), error) {
	d.mu.Lock()
	l := d.locks[path]
	if l == nil {
		l = make(chan struct{}, 1)
		d.locks[path] = l
	}
	d.mu.Unlock()
	select {
	case l <- struct{}{}:
		return func() { <-l }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type diskFile struct {
	disk *disk
	node *inode
}

func (f *diskFile) Write(b []byte) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	// In two steps, so that it can fail in the middle.
	half := len(b) / 2
	for _, part := range [][]byte{b[:half], b[half:]} {
		if err := f.disk.step(); err != nil {
			return len(f.node.data), err
		}
		f.node.data = append(f.node.data, part...)
	}
	return len(b), nil
}

func (f *diskFile) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.step(); err != nil {
		return err
	}
	f.node.synced = bytes.Clone(f.node.data)
	return nil
}

func (f *diskFile) Close() error { return nil }

// machine is a disk and a keyring whose steps are counted together.
type machine struct {
	disk   *disk
	items  map[string]string
	locked bool // the keyring does not answer
	copy   bool // Config.Copy
}

func newMachine(seed uint64) *machine {
	return &machine{disk: newDisk(rand.New(rand.NewPCG(seed, 1))), items: map[string]string{}}
}

func (m *machine) restart(powerCut bool) *machine {
	return &machine{disk: m.disk.restart(powerCut), items: maps.Clone(m.items), locked: m.locked, copy: m.copy}
}

// Get, Set and Delete make a machine a storage.Keyring. A Set that fails may
// have taken effect.
func (m *machine) Get(service, user string) (string, error) {
	m.disk.mu.Lock()
	defer m.disk.mu.Unlock()
	if m.locked {
		return "", errLocked
	}
	secret, ok := m.items[service+user]
	if !ok {
		return "", storage.ErrNotFound
	}
	return secret, nil
}

func (m *machine) Set(service, user, secret string) error {
	return m.change(func() { m.items[service+user] = secret })
}

func (m *machine) Delete(service, user string) error {
	return m.change(func() { delete(m.items, service+user) })
}

func (m *machine) change(f func()) error {
	m.disk.mu.Lock()
	defer m.disk.mu.Unlock()
	if m.locked {
		return errLocked
	}
	err := m.disk.step()
	if err == nil || errors.Is(err, errPower) && m.disk.steps == m.disk.failAt && m.disk.rand.IntN(2) == 0 {
		f()
	}
	return err
}

func (m *machine) config(kind storage.Kind) storage.Config {
	return storage.Config{
		Identity: someone, Seal: "device", Dir: "/state", Kind: kind, Keyring: m, Copy: m.copy,
	}.WithFileSystem(m.disk)
}

func (m *machine) String() string {
	return fmt.Sprintf("items %d, files %v", len(m.items), slices.Sorted(maps.Keys(m.disk.now)))
}
