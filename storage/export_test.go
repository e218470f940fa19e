package storage

// Names that the tests in storage_test need.
type (
	FileSystem = fileSystem
	File       = file
	OSFS       = osFS
)

const (
	MaxItem    = maxItem
	HeaderLen  = headerLen
	MarkLen    = markLen
	InlineData = maxItem/4*3 - overheadLen // the longest payload that fits a keyring item
)

var ErrTooLong = errTooLong

// WithFileSystem replaces the file system of the operating system.
func (cfg Config) WithFileSystem(f FileSystem) Config {
	cfg.fsys = f
	return cfg
}

// Base is the first part of the record's file names.
func (l *Local) Base() string { return l.base }

// Deflating is the configuration with the press of Windows and macOS, on any system.
func (cfg Config) Deflating() Config {
	cfg.press = deflate
	return cfg
}

// WithRoom is the configuration for a keyring that takes items of this length.
func (cfg Config) WithRoom(longest int) Config {
	cfg.longest = longest
	return cfg
}
