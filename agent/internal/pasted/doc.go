// Package pasted reads what people copy out of mails, web pages and documents:
// licence keys and the IDs of a configuration. What such programs add is taken
// out, and can be named to the person afterwards. It is pure.
package pasted
