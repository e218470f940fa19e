package journal

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"sync"
)

// disk is a file system in memory that can lose power or fill up at any step.
// What was not synced by then may be there, be gone, or be torn.
type disk struct {
	mu    sync.Mutex
	rand  *rand.Rand
	now   map[string]*inode // what a running system sees
	kept  map[string]*inode // the names that are safely on the disk
	loose []rename          // changes of names since the folder was synced
	locks map[string]bool

	steps  int
	failAt int // the step that fails; 0: none
	fail   error
	once   bool // later steps work again
}

type inode struct{ data, synced []byte }

type rename struct {
	name string
	node *inode // nil: removed
}

var (
	errPower = errors.New("the power is gone")
	errFull  = errors.New("no space left on device")
)

func newDisk(seed uint64) *disk {
	return &disk{rand: rand.New(rand.NewPCG(seed, 1)), now: map[string]*inode{}, kept: map[string]*inode{}, locks: map[string]bool{}}
}

func (d *disk) step() error {
	d.steps++
	if d.failAt == 0 || d.steps < d.failAt || d.once && d.steps > d.failAt {
		return nil
	}
	return d.fail
}

// restart is the disk after the process was killed, or after the power was cut.
func (d *disk) restart(powerCut bool) *disk {
	n := &disk{rand: d.rand, now: map[string]*inode{}, kept: map[string]*inode{}, locks: map[string]bool{}}
	if !powerCut {
		copies := map[*inode]*inode{nil: nil}
		copyOf := func(node *inode) *inode {
			if copies[node] == nil && node != nil {
				copies[node] = &inode{data: bytes.Clone(node.data), synced: bytes.Clone(node.synced)}
			}
			return copies[node]
		}
		for name, node := range d.now {
			n.now[name] = copyOf(node)
		}
		for name, node := range d.kept {
			n.kept[name] = copyOf(node)
		}
		for _, c := range d.loose {
			n.loose = append(n.loose, rename{c.name, copyOf(c.node)})
		}
		return n
	}
	names := maps.Clone(d.kept)
	for _, c := range d.loose {
		switch {
		case d.rand.IntN(2) == 0:
		case c.node == nil:
			delete(names, c.name)
		default:
			names[c.name] = c.node
		}
	}
	for name, old := range names {
		data := d.torn(old)
		node := &inode{data: data, synced: bytes.Clone(data)}
		n.now[name], n.kept[name] = node, node
	}
	return n
}

// torn is what a file may be after a power cut: everything up to the first
// byte that was not synced is certain, the rest is luck.
func (d *disk) torn(n *inode) []byte {
	if bytes.Equal(n.data, n.synced) {
		return bytes.Clone(n.data)
	}
	certain := 0
	for certain < min(len(n.data), len(n.synced)) && n.data[certain] == n.synced[certain] {
		certain++
	}
	data := bytes.Clone(n.data)
	switch d.rand.IntN(4) {
	case 0:
		return bytes.Clone(n.synced)
	case 1:
		return data[:certain+d.rand.IntN(len(data)-certain+1)]
	case 2: // allocated, some blocks never written
		for at := certain; at < len(data); at += 64 {
			if d.rand.IntN(2) == 0 {
				clear(data[at:min(at+64, len(data))])
			}
		}
	}
	return data
}

func (d *disk) MakeFolder(string) error { return nil }

func (d *disk) Open(path string) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	node := d.now[path]
	if node == nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
	}
	return &diskFile{d, node}, nil
}

func (d *disk) Create(path string) (file, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(); err != nil {
		return nil, err
	}
	node := d.now[path]
	if node == nil {
		node = &inode{}
		d.link(path, node)
	}
	node.data = nil // emptied, where there is one
	return &diskFile{d, node}, nil
}

func (d *disk) link(path string, node *inode) {
	if node == nil {
		delete(d.now, path)
	} else {
		d.now[path] = node
	}
	d.loose = append(d.loose, rename{path, node})
}

func (d *disk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.step(); err != nil {
		return err
	}
	node := d.now[from]
	if node == nil {
		return &fs.PathError{Op: "rename", Path: from, Err: fs.ErrNotExist}
	}
	d.link(to, node)
	d.link(from, nil)
	return nil
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

func (d *disk) TryLock(path string) (func(), bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.locks[path] {
		return nil, false, nil
	}
	d.locks[path] = true
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		delete(d.locks, path)
	}, true, nil
}

// put writes a file behind the journal's back.
func (d *disk) put(path string, data []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now[path] = &inode{data: bytes.Clone(data), synced: bytes.Clone(data)}
}

func (d *disk) get(path string) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	if n := d.now[path]; n != nil {
		return bytes.Clone(n.data)
	}
	return nil
}

type diskFile struct {
	disk *disk
	node *inode
}

func (f *diskFile) ReadAt(b []byte, at int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if at >= int64(len(f.node.data)) {
		return 0, io.EOF
	}
	n := copy(b, f.node.data[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (f *diskFile) WriteAt(b []byte, at int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	// In two steps, so that it can fail in the middle.
	done := 0
	for _, part := range [][]byte{b[:len(b)/2], b[len(b)/2:]} {
		if err := f.disk.step(); err != nil {
			return done, err
		}
		from := int(at) + done
		if grow := from + len(part) - len(f.node.data); grow > 0 {
			f.node.data = append(f.node.data, make([]byte, grow)...)
		}
		done += copy(f.node.data[from:], part)
	}
	return done, nil
}

func (f *diskFile) Truncate(size int64) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.step(); err != nil {
		return err
	}
	f.node.data = bytes.Clone(f.node.data[:size])
	return nil
}

func (f *diskFile) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.step(); err != nil {
		return err
	}
	f.node.synced = append(f.node.synced[:0], f.node.data...)
	return nil
}

func (f *diskFile) Size() (int64, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	return int64(len(f.node.data)), nil
}

func (f *diskFile) Close() error { return nil }
