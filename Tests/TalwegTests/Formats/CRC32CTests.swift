import Testing

@testable import Talweg

@Suite struct CRC32CTests {
    /// RFC 3720, appendix B.4.
    @Test func knownValues() {
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.checksum((0..<32).map { UInt8($0) }) == 0x46DD_794E)
        #expect(CRC32C.checksum((0..<32).map { UInt8(31 - $0) }) == 0x113F_DB5C)
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
        #expect(CRC32C.checksum([UInt8]()) == 0)
    }

    /// By the definition: rotated right by 15, and 0xa282ead8 added.
    @Test func masks() {
        let crc: UInt32 = 0xE306_9283
        let rotated = crc >> 15 | crc << 17
        #expect(CRC32C.masked(Array("123456789".utf8)) == rotated &+ 0xA282_EAD8)
    }
}
