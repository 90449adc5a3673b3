// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "example",
    dependencies: [.package(name: "talweg", path: "../..")],
    targets: [
        .executableTarget(name: "LineAndNetwork", dependencies: [.product(name: "Talweg", package: "talweg")])
    ]
)
