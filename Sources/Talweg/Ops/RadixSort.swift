// Sorting unsigned numbers by their bytes from the lowest (radix sort): stable, and of a time that no order of them
// makes worse.

/// Keys up to which insertion is quicker.
private let fewest = 24

/// Room for the counts of all bytes of a key, one behind the other.
let radixCountsBytes = 8 * 256 * MemoryLayout<Int>.size

/// Sorts n keys by vectors where the CPU has what it takes, else by digits; as `radixSort`.
func sortKeys<Key: FixedWidthInteger & UnsignedInteger>(
    _ n: Int, _ keys: UnsafeMutablePointer<Key>, _ other: UnsafeMutablePointer<Key>,
    _ counts: UnsafeMutablePointer<Int>, fromByte first: Int = 0
) -> UnsafeMutablePointer<Key> {
    let kernel = Key.bitWidth == 64 ? kernels.sort64 : Key.bitWidth == 32 ? kernels.sort32 : nil
    guard let kernel else { return radixSort(n, keys, other, counts, fromByte: first) }
    kernel(n, keys, other)
    return keys
}

/// Sorts n keys by their bytes from `first` on, the lower ones being in order already; `other` has room for as many,
/// `counts` radixCountsBytes. Gives whichever of both holds them then.
func radixSort<Key: FixedWidthInteger & UnsignedInteger>(
    _ n: Int, _ keys: UnsafeMutablePointer<Key>, _ other: UnsafeMutablePointer<Key>,
    _ counts: UnsafeMutablePointer<Int>, fromByte first: Int = 0
) -> UnsafeMutablePointer<Key> {
    if n <= fewest {
        insertionSort(n, keys)
        return keys
    }
    countDigits(n, keys, counts)
    var (from, to) = (keys, other)
    for digit in first..<(Key.bitWidth / 8) {
        let shift = Key(digit * 8)
        let places = counts + digit * 256
        guard placeDigits(n, Int(keys[0] >> shift & 0xff), places) else { continue }
        for i in 0..<n {
            let key = from[i]
            let value = Int(truncatingIfNeeded: key >> shift & 0xff)
            let place = places[value]
            places[value] = place &+ 1
            to[place] = key
        }
        swap(&from, &to)
    }
    return from
}

/// The same with a number (`order`) that goes along with each key; gives whether both are in the others then.
func radixSort<Key: FixedWidthInteger & UnsignedInteger, Number>(
    _ n: Int, _ keys: UnsafeMutablePointer<Key>, _ otherKeys: UnsafeMutablePointer<Key>,
    _ order: UnsafeMutablePointer<Number>, _ otherOrder: UnsafeMutablePointer<Number>,
    _ counts: UnsafeMutablePointer<Int>
) -> Bool {
    if n <= fewest {
        insertionSort(n, keys, order)
        return false
    }
    countDigits(n, keys, counts)
    var (fromKeys, toKeys, from, to) = (keys, otherKeys, order, otherOrder)
    var moved = false
    for digit in 0..<(Key.bitWidth / 8) {
        let shift = Key(digit * 8)
        let places = counts + digit * 256
        guard placeDigits(n, Int(keys[0] >> shift & 0xff), places) else { continue }
        for i in 0..<n {
            let key = fromKeys[i]
            let value = Int(truncatingIfNeeded: key >> shift & 0xff)
            let place = places[value]
            places[value] = place &+ 1
            toKeys[place] = key
            to[place] = from[i]
        }
        swap(&fromKeys, &toKeys)
        swap(&from, &to)
        moved.toggle()
    }
    return moved
}

/// How often each value of each byte is there: they stay the same while the keys are moved.
@inline(__always)
private func countDigits<Key: FixedWidthInteger & UnsignedInteger>(
    _ n: Int, _ keys: UnsafePointer<Key>, _ counts: UnsafeMutablePointer<Int>
) {
    let digits = Key.bitWidth / 8
    counts.update(repeating: 0, count: digits * 256)
    for i in 0..<n {
        var key = keys[i]
        var table = counts
        for _ in 0..<digits {
            table[Int(truncatingIfNeeded: key & 0xff)] &+= 1
            key >>= 8
            table += 256
        }
    }
}

/// Makes counts the places where each value's keys begin; false if all have one value, which orders nothing.
@inline(__always)
private func placeDigits(_ n: Int, _ some: Int, _ counts: UnsafeMutablePointer<Int>) -> Bool {
    if counts[some] == n { return false }
    var begin = 0
    for value in 0..<256 {
        let count = counts[value]
        counts[value] = begin
        begin &+= count
    }
    return true
}

private func insertionSort<Key: Comparable>(_ n: Int, _ keys: UnsafeMutablePointer<Key>) {
    for i in 0..<n {
        let key = keys[i]
        var place = i
        while place > 0, keys[place - 1] > key {
            keys[place] = keys[place - 1]
            place -= 1
        }
        keys[place] = key
    }
}

private func insertionSort<Key: Comparable, Number>(
    _ n: Int, _ keys: UnsafeMutablePointer<Key>, _ order: UnsafeMutablePointer<Number>
) {
    for i in 0..<n {
        let (key, number) = (keys[i], order[i])
        var place = i
        while place > 0, keys[place - 1] > key {
            keys[place] = keys[place - 1]
            order[place] = order[place - 1]
            place -= 1
        }
        keys[place] = key
        order[place] = number
    }
}
