// swift-tools-version: 6.2
import PackageDescription

// Only the kernels give up the language's checks: what reaches them was validated before.
let kernelFlags = ["-Ounchecked", "-enforce-exclusivity=unchecked"]

let package = Package(
    name: "talweg",
    products: [
        .library(name: "Talweg", targets: ["Talweg"]),
        .library(name: "talweg", type: .dynamic, targets: ["TalwegC"]),
    ],
    targets: [
        .systemLibrary(name: "CTalweg", path: "include"),
        .target(name: "CIntrinsics"),
        .target(
            name: "TalwegKernels", dependencies: ["CIntrinsics"], exclude: ["README.md"],
            swiftSettings: [.unsafeFlags(kernelFlags)]),
        // The same bodies, by a symbolic link, for one CPU each.
        .target(
            name: "TalwegKernelsAVX2", dependencies: ["TalwegKernels", "CIntrinsics"],
            swiftSettings: [.unsafeFlags(kernelFlags + ["-Xcc", "-march=x86-64-v3"])]),
        .target(
            name: "TalwegKernelsAVX512", dependencies: ["TalwegKernels", "CIntrinsics"],
            swiftSettings: [.unsafeFlags(kernelFlags + ["-Xcc", "-march=x86-64-v4"])]),
        .target(
            name: "Talweg",
            dependencies: ["CIntrinsics", "TalwegKernels", "TalwegKernelsAVX2", "TalwegKernelsAVX512"]),
        .target(
            name: "TalwegC", dependencies: ["Talweg", "CTalweg"], exclude: ["exports.map"],
            linkerSettings: [
                .unsafeFlags([
                    "-static-stdlib", "-Xlinker", "-soname=libtalweg.so.0", "-Xlinker", "--gc-sections",
                    "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/TalwegC/exports.map",
                ])
            ]),
        .testTarget(
            name: "TalwegKernelsTests",
            dependencies: ["TalwegKernels", "TalwegKernelsAVX2", "TalwegKernelsAVX512", "CIntrinsics"]),
        .testTarget(name: "TalwegTests", dependencies: ["Talweg"]),
    ],
    swiftLanguageModes: [.v6]
)
