package inprocess

import jsonpatch "github.com/evanphx/json-patch/v5"

// The library of patches keeps an encoder for each type, behind a WaitGroup of whoever meets the type first. If that is a
// test in fake time, another test that patches in real time at that moment waits for a WaitGroup of a bubble, and crashes
// (testing/synctest). So they are made before any test begins.
func init() {
	const before, after = `{"o":{"a":1}}`, `{"o":{"a":null,"s":"s","n":1.5,"b":true,"l":["s",1,false,{"s":"s"}]}}`
	if _, err := jsonpatch.CreateMergePatch([]byte(before), []byte(after)); err != nil {
		panic(err)
	}
	if _, err := jsonpatch.MergePatch([]byte(before), []byte(after)); err != nil {
		panic(err)
	}
}
