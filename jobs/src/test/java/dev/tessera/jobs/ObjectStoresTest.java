package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.Test;

class ObjectStoresTest {
  @Test
  void aUriWithAPasswordIsRefusedWithoutBeingRepeated() {
    assertThatThrownBy(() -> ObjectStores.requireReachable("s3a://AKIA:xyzzy@lake/photos"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("Cannot use a URI with credentials in it")
        .hasMessageNotContaining("xyzzy")
        .hasMessageNotContaining("AKIA");
  }

  /** No host may be called so, and then java.net.URI finds no user either. */
  @Test
  void aPasswordBeforeABucketWithAnUnderscoreIsFound() {
    assertThatThrownBy(() -> ObjectStores.requireReachable("s3a://AKIA:xy@zzy@my_lake/photos"))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("s3a://...@my_lake:")
        .hasMessageNotContaining("xy@")
        .hasMessageNotContaining("zzy");
  }

  @Test
  void everyCommandRefusesAUriWithAPassword() {
    String secret = "s3a://AKIA:xyzzy@lake/ws";
    for (String[] command :
        new String[][] {
          {"ingest", "--photos", "/photos", "--workspace", secret},
          {"merge", "--workspace", secret},
          {"localize", "--photos", "/photos", "--workspace", secret},
          {"check", "--workspace", secret},
          {"check", "--map", secret},
          {"publish", "--workspace", secret},
          {"publish", "--workspace", "/ws", "--releases", secret}
        }) {
      CommandLineRun run = CommandLineRun.of(command);

      assertThat(run.exitCode()).as(String.join(" ", command)).isEqualTo(ExitCodes.USAGE);
      assertThat(run.err()).doesNotContain("xyzzy").doesNotContain("AKIA");
    }
  }

  @Test
  void foldersOfThisMachineAndBucketsWithAClientAreFine() {
    for (String uri : new String[] {"/photos", "file:///photos", "photos", "s3a://lake/photos"}) {
      assertThatCode(() -> ObjectStores.requireReachable(uri)).doesNotThrowAnyException();
    }
  }

  /** As on a cluster that has none. */
  @Test
  void aMissingClientIsNamedBeforeAnythingStarts() throws Exception {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader bare =
        new URLClassLoader(new URL[0], ClassLoader.getPlatformClassLoader())) {
      thread.setContextClassLoader(bare);
      assertThatThrownBy(() -> ObjectStores.requireReachable("s3a://lake/photos"))
          .isInstanceOf(UsageException.class)
          .hasMessageStartingWith("Cannot use s3a://lake/photos: no S3 client on the class path")
          .hasMessageContaining("spark-hadoop-cloud");
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
