import Testing

@testable import Talweg

/// Encodings by hand, after protobuf.dev/programming-guides/encoding.
@Suite struct ProtobufMessageTests {
    @Test func numbers() {
        var message = ProtobufMessage()
        message.add(1, Int64(150))
        #expect(message.bytes == [0x08, 0x96, 0x01])
        message = ProtobufMessage()
        message.add(16, Int64(-1))
        #expect(message.bytes == [0x80, 0x01] + [UInt8](repeating: 0xFF, count: 9) + [0x01])
        message = ProtobufMessage()
        message.add(2, Float(1))
        message.add(3, 1.0)
        #expect(message.bytes == [0x15, 0, 0, 0x80, 0x3F, 0x19, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F])
    }

    @Test func textAndMessages() {
        var inner = ProtobufMessage()
        inner.add(1, Int64(150))
        var message = ProtobufMessage()
        message.add(2, "testing")
        message.add(3, inner)
        message.add(4, [Double]())
        let text: [UInt8] = [0x12, 0x07] + Array("testing".utf8)
        #expect(message.bytes == text + [0x1A, 0x03, 0x08, 0x96, 0x01, 0x22, 0x00])
    }
}
