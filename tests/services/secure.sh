# What kafka-up.sh --secure adds; sourced by it. Beside the plain listener, whose users may do everything:
#   run/NAME/sasl    address of a listener with SASL over TLS: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER (unsecured tokens)
#   run/NAME/mutual  address of a listener with TLS that wants a client certificate
#   run/NAME/tls/    ca.pem; client.pem and client.key (CN=kalends); stranger.pem, an authority that signed nothing
# Users: kalends (password kalends-secret) may do everything; limited (limited-secret) may only look at topics and
# transactional ids that begin with `denied`, may not create topics, and may do everything else.

secure_certificates() {
  local tls=$run/tls; [ -s "$tls/client.pem" ] && return
  need openssl "install openssl"; mkdir -p "$tls"
  (cd "$tls"
   authority() { openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$1" -keyout "$1.key" -out "$1.pem"; }
   authority ca; authority stranger
   signed() { # signed NAME CN
     openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout "$1.key" -out "$1.csr"
     openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out "$1.pem" \
       -extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:localhost")
   }
   signed server localhost; signed client kalends
   cat server.key server.pem > keystore.pem) > "$tls/openssl.log" 2>&1 || { cat "$tls/openssl.log" >&2; die "openssl failed"; }
}

# Adds to lis and more, which become listeners and other settings of broker n.
secure_listeners() {
  local s m tls=$run/tls module=org.apache.kafka.common.security users
  secure_certificates
  s=$(free_port); m=$(free_port); while [ "$m" = "$s" ]; do m=$(free_port); done
  echo "127.0.0.1:$s" >> "$run/sasl"; echo "127.0.0.1:$m" >> "$run/mutual"
  lis+=",SECURE://127.0.0.1:$s,MUTUAL://127.0.0.1:$m"
  users='user_kalends="kalends-secret" user_limited="limited-secret"'
  more+="
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL,MUTUAL:SSL
inter.broker.listener.name=PLAINTEXT
ssl.keystore.type=PEM
ssl.keystore.location=$tls/keystore.pem
ssl.truststore.type=PEM
ssl.truststore.location=$tls/ca.pem
listener.name.mutual.ssl.client.auth=required
listener.name.secure.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER
listener.name.secure.plain.sasl.jaas.config=$module.plain.PlainLoginModule required $users;
listener.name.secure.scram-sha-256.sasl.jaas.config=$module.scram.ScramLoginModule required;
listener.name.secure.scram-sha-512.sasl.jaas.config=$module.scram.ScramLoginModule required;
listener.name.secure.oauthbearer.sasl.jaas.config=$module.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"broker\";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:kalends;User:CN=kalends
allow.everyone.if.no.acl.found=true"
  scram=()
  for mechanism in SCRAM-SHA-256 SCRAM-SHA-512; do
    for user in kalends limited; do scram+=(--add-scram "$mechanism=[name=$user,password=$user-secret]"); done
  done
}

secure_rules() {
  allow() { "${jvm[@]}" -Xmx128m org.apache.kafka.tools.AclCommand --bootstrap-server "$(cat "$run/bootstrap")" --add \
    --allow-principal User:limited --operation Describe "$@"; }
  allow --cluster > "$run/rules-cluster.log" 2>&1 & local cluster=$!
  allow --topic denied --transactional-id denied --resource-pattern-type prefixed > "$run/rules.log" 2>&1 &&
    wait "$cluster" || { cat "$run"/rules*.log >&2; die "access rules were refused"; }
}
