// swift-tools-version: 6.2
import PackageDescription

// Only the kernels give up the language's checks: what reaches them was validated before.
let kernelFlags = ["-Ounchecked", "-enforce-exclusivity=unchecked"]
// Overlapping accesses are found by the tests, which are debug builds; a host is not to die of one. With a section for
// each function the linker leaves out those that nothing calls, and keeps one of those that are alike.
let engineSettings: [SwiftSetting] = [
    .unsafeFlags(["-enforce-exclusivity=unchecked", "-Xfrontend", "-function-sections"], .when(configuration: .release))
]

#if arch(x86_64)
let cpuTargets: [Target] = [
    // The bodies of TalwegKernels, by a symbolic link, compiled for one CPU each.
    .target(
        name: "TalwegKernelsAVX2", dependencies: ["TalwegKernels", "CIntrinsics"],
        swiftSettings: [.unsafeFlags(kernelFlags + ["-Xcc", "-march=x86-64-v3"])]),
    .target(
        name: "TalwegKernelsAVX512", dependencies: ["TalwegKernels", "CIntrinsics"],
        swiftSettings: [.unsafeFlags(kernelFlags + ["-Xcc", "-march=x86-64-v4"])]),
    // What needs the instructions for bfloat16.
    .target(
        name: "TalwegKernelsBF16", dependencies: ["TalwegKernels", "CIntrinsics"],
        swiftSettings: [.unsafeFlags(kernelFlags + ["-Xcc", "-march=x86-64-v4", "-Xcc", "-mavx512bf16"])]),
]
#else
let cpuTargets: [Target] = []
#endif
let kernelModules: [Target.Dependency] =
    ["CIntrinsics", "TalwegKernels"] + cpuTargets.map { .byName(name: $0.name) }

let package = Package(
    name: "talweg",
    products: [
        .library(name: "Talweg", targets: ["Talweg"]),
        .library(name: "talweg", type: .dynamic, targets: ["TalwegC"]),
        .executable(name: "talweg-bench", targets: ["talweg-bench"]),
    ],
    targets: [
        .systemLibrary(name: "CTalweg", path: "include"),
        .target(name: "CIntrinsics"),
        .target(
            name: "TalwegKernels", dependencies: ["CIntrinsics"], exclude: ["README.md"],
            swiftSettings: [.unsafeFlags(kernelFlags)]),
        .target(name: "Talweg", dependencies: kernelModules, swiftSettings: engineSettings),
        .target(
            name: "TalwegC", dependencies: ["Talweg", "CTalweg"], exclude: ["exports.map"],
            swiftSettings: engineSettings,
            linkerSettings: [
                // lld: gold leaves local names in the dynamic symbol table.
                .unsafeFlags(
                    [
                        "-static-stdlib", "-use-ld=lld", "-Xlinker", "-soname=libtalweg.so.0",
                        "-Xlinker", "--gc-sections", "-Xlinker", "--icf=all",
                        "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/TalwegC/exports.map",
                    ], .when(platforms: [.linux]))
            ]),
        .executableTarget(
            name: "talweg-bench", dependencies: ["Talweg", "TalwegC", "CTalweg"] + kernelModules,
            swiftSettings: engineSettings),
        .testTarget(name: "TalwegKernelsTests", dependencies: kernelModules, exclude: ["Fixtures"]),
        .testTarget(name: "TalwegTests", dependencies: ["Talweg"], exclude: ["Fixtures"]),
    ] + cpuTargets,
    swiftLanguageModes: [.v6]
)
