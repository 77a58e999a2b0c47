package dev.tessera.jobs;

import java.net.URI;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/** What is different on S3: see docs/object-stores.md. */
final class ObjectStores {
  private static final String S3 = "s3a";
  private static final String CLIENT = "org.apache.hadoop.fs.s3a.S3AFileSystem";
  private static final String PROTOCOL =
      "org.apache.spark.internal.io.cloud.PathOutputCommitProtocol";
  private static final String PARQUET_COMMITTER =
      "org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter";

  private ObjectStores() {}

  /**
   * Refuses what cannot be reached, before anything starts.
   *
   * @param uri of photos, a workspace, a map or releases
   * @throws UsageException if the client for its store is missing, or if it has a password in it
   */
  static void requireReachable(String uri) {
    URI parsed = uriOf(uri);
    String authority = parsed.getRawAuthority(); // all of it: no host's name has the _ of a bucket
    if (authority != null && authority.contains("@")) {
      throw new UsageException(
          "Cannot use a URI with credentials in it, "
              + parsed.getScheme()
              + "://...@"
              + authority.substring(authority.lastIndexOf('@') + 1)
              + ": they come from the provider chain (docs/object-stores.md)");
    }
    if (S3.equals(parsed.getScheme()) && !(isThere(CLIENT) && isThere(PROTOCOL))) {
      throw new UsageException(
          "Cannot use "
              + uri
              + ": no S3 client on the class path; add"
              + " --packages org.apache.spark:spark-hadoop-cloud_2.12:3.5.7 to spark-submit, or build"
              + " with scripts/build -Dobject-store.scope=provided");
    }
  }

  private static URI uriOf(String uri) {
    try {
      return new Path(uri).toUri();
    } catch (IllegalArgumentException e) {
      throw new UsageException("Cannot use '" + uri + "': " + e.getMessage());
    }
  }

  private static boolean isThere(String className) {
    try {
      Class.forName(className, false, Thread.currentThread().getContextClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** Has Spark write the tables of a workspace on S3 without renaming files. */
  static void useCommitters(SparkSession spark, Path workspace) {
    if (S3.equals(workspace.toUri().getScheme())) {
      spark.conf().set("spark.sql.sources.commitProtocolClass", PROTOCOL);
      spark.conf().set("spark.sql.parquet.output.committer.class", PARQUET_COMMITTER);
    }
  }
}
