namespace Maestro.Storage.Postgres;

public sealed class ScramVerifierTests
{
    /// <summary>RFC 7677, section 3: the password "pencil" and its salt; the two keys are what its example's proof and signature follow from.</summary>
    [Fact]
    public void It_is_the_one_of_the_standards_example()
    {
        var verifier = ScramVerifier.Of("pencil", Convert.FromBase64String("W22ZaJ0SNY7soEsUEjb6gQ=="));
        Assert.Equal("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
            verifier);
    }
}
