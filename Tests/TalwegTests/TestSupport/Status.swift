@testable import Talweg

/// The status with which a body fails; ok if it does not.
func status(_ body: () throws -> Void) -> Status { failure(body).status }

/// The message with which a body fails.
func message(_ body: () throws -> Void) -> String { failure(body).message }
