import CTalweg
import TalwegC

/// What a call through the C interface costs where there is next to nothing to compute.
let overheadBenchmarks = [
    Benchmark(name: "add-4x4") { options, record in
        try small(options, &record, recorded: false) { tw_add($0, $1, $2) }
    },
    Benchmark(name: "add-4x4-tape") { options, record in
        try small(options, &record, recorded: true) { tw_add($0, $1, $2) }
    },
    Benchmark(name: "matmul-4x4") { options, record in
        try small(options, &record, recorded: false) { tw_matmul($0, $1, $2) }
    },
    Benchmark(name: "matmul-4x4-tape") { options, record in
        try small(options, &record, recorded: true) { tw_matmul($0, $1, $2) }
    },
    // Sum of tanh(a b + b), and its gradients: five operations recorded and walked.
    Benchmark(name: "backward-chain") { options, record in
        let scope = try Scope()
        let (a, b) = try (scope.matrix(4, 4, requiresGrad: true), scope.matrix(4, 4, requiresGrad: true))
        let inner = try Scope()
        record.set(
            "s",
            try bestTime(options) {
                let loss = tw_sum(
                    inner.handle, tw_tanh(inner.handle, tw_add(inner.handle, tw_matmul(inner.handle, a, b), b)), nil, 0,
                    false)
                try check(tw_backward(inner.handle, loss))
                try check(tw_tensor_zero_grad(a))
                try check(tw_tensor_zero_grad(b))
                tw_scope_clear(inner.handle)
            })
    },
    // A whole step of a line's fit: x w^T + b, mean squared error, backward, SGD.
    Benchmark(name: "linreg") { options, record in
        let scope = try Scope()
        let (x, y) = try (scope.matrix(4, 1), scope.matrix(4, 1))
        let (weight, bias) = try (scope.matrix(1, 1, requiresGrad: true), scope.matrix(1, requiresGrad: true))
        var optimizer: OpaquePointer?
        try check(tw_sgd_new(nil, &optimizer))
        defer { tw_optimizer_free(optimizer) }
        try check(tw_optimizer_add(optimizer, weight))
        try check(tw_optimizer_add(optimizer, bias))
        let inner = try Scope()
        record.set(
            "s",
            try bestTime(options) {
                let loss = tw_mse_loss(inner.handle, tw_linear(inner.handle, x, weight, bias), y)
                try check(tw_optimizer_zero_grad(optimizer))
                try check(tw_backward(inner.handle, loss))
                try check(tw_optimizer_step(optimizer))
                tw_scope_clear(inner.handle)
            })
    },
]

/// One operation of two 4 x 4 matrices. The scope is cleared every 64 of them, as a program would after a step.
private func small(
    _ options: Options, _ record: inout Record, recorded: Bool,
    _ operation: (OpaquePointer?, OpaquePointer?, OpaquePointer?) -> OpaquePointer?
) throws {
    let scope = try Scope()
    let a = try scope.matrix(4, 4, requiresGrad: recorded)
    let b = try scope.matrix(4, 4, requiresGrad: recorded)
    let inner = try Scope()
    let seconds = try bestTime(options) {
        for _ in 0..<64 { _ = operation(inner.handle, a, b) }
        tw_scope_clear(inner.handle)
        try check(tw_scope_status(inner.handle))
    }
    record.set("s", seconds / 64)
}

/// A scope that frees itself.
private final class Scope {
    let handle: OpaquePointer

    init() throws {
        guard let made = tw_scope_new() else { throw BenchmarkError("no memory for a scope") }
        handle = made
    }

    deinit { tw_scope_free(handle) }

    func matrix(_ sizes: Int64..., requiresGrad: Bool = false) throws -> OpaquePointer? {
        let made = tw_random_normal(handle, nil, sizes, Int64(sizes.count), 0, 1, TW_FLOAT32)
        try check(tw_scope_status(handle))
        if requiresGrad { try check(tw_tensor_set_requires_grad(made, true)) }
        return made
    }
}

private func check(_ status: tw_status) throws {
    guard status == TW_OK else {
        throw BenchmarkError(tw_last_message().map { String(cString: $0) } ?? "status \(status)")
    }
}
