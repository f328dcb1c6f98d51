/* SPDX-License-Identifier: AGPL-3.0-or-later */
/**
 * @file wire.h  The messages between Ringback's processes: one row each
 *
 * Unix sockets of type SOCK_SEQPACKET in DIR/run/. One packet is one message:
 * struct wire_hdr, the payload struct of its row, and at most one trailing
 * blob. Same machine, same build: host byte order and struct layout, made
 * safe by WIRE_HELLO, which carries a hash of this table and must be the
 * first message each way. Arrows run from client to server: the client asks,
 * the server replies with the request's id, or sends events with id 0.
 *
 * Whatever fails wire_check() never reaches a handler: the connection is
 * dropped, the process goes on. Peers are checked with SO_PEERCRED, and by the
 * lock that they hold (who.h): none says that it is another one.
 */
#ifndef RINGBACK_WIRE_H
#define RINGBACK_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

/** Who may stand at an end of a connection (bits). */
enum wire_role {
	WIRE_TOOL  = 1 << 0, /**< the command line, the keeper */
	WIRE_LINE  = 1 << 1, /**< ringback-line                */
	WIRE_MEDIA = 1 << 2, /**< ringback-media               */
	WIRE_WEB   = 1 << 3, /**< ringback-web                 */
	WIRE_CLIENT = WIRE_TOOL | WIRE_WEB, /**< of the line          */
	WIRE_ANY   = WIRE_TOOL | WIRE_LINE | WIRE_MEDIA | WIRE_WEB,
};

enum wire_flags {
	WIRE_ASKS  = 1 << 0, /**< a request: has an id, gets one reply     */
	WIRE_REPLY = 1 << 1, /**< answers a request: has its id            */
	WIRE_EVENT = 1 << 2, /**< news on a client's connection: id 0      */
	WIRE_BLOB  = 1 << 3, /**< may carry trailing bytes                 */
};

/** An IP address as it travels: no struct sockaddr of any libc. */
struct wire_addr {
	uint8_t ip[16]; /**< IPv4 in the first four            */
	uint16_t port;  /**< host order, 0 if not meant        */
	uint8_t family; /**< 4, 6, 0 for none                  */
	uint8_t bits;   /**< prefix length where a net is meant */
};

struct wire_hello {
	uint64_t hash;     /**< wire_hash()           */
	uint32_t role;     /**< of the sender         */
	uint32_t pid;
};

struct wire_none {
	uint32_t zero;
};

/** A request was not carried out. */
struct wire_refused {
	int32_t err;       /**< errno                                     */
	char reason[60];   /**< for the log, plain words, no content      */
};

/*
 * BEAT: are you there? DONE at once. Whoever hears nothing for a while takes
 * the process for dead: the line moves its calls away, the keeper ends it.
 */

/** May keys stand in the SDP? Only where nobody else reads it. */
enum wire_srtp {
	WIRE_SRTP_NEVER = 0, /**< RTP, and nothing else          */
	WIRE_SRTP_MAY,       /**< SRTP if the peer does, too     */
	WIRE_SRTP_MUST,      /**< SRTP, and nothing else         */
};

/*
 * MEDIA_LEAVES: another life of this process runs (config_media.h), which new
 * legs belong in; this one has those it has, and any that are to be joined with
 * them. MEDIA_MAY_GO: no others will come; it ends with the last of them.
 */

/** How far the sound of a leg may come. */
enum { WIRE_NETS = 4 };

/**
 * LEG_OFFER: make an SDP offer (a new leg, or a new offer on an old one).
 * LEG_ANSWER: the blob is the peer's offer; answer it (new leg, or re-offer).
 * Both reply LEG_SDP, or REFUSED: EPROTO broken SDP (400), ENOTSUP nothing in
 * common (488), ENOSPC no port left (503).
 */
struct wire_leg_open {
	uint64_t leg;  /**< chosen by the line, unique while media runs   */
	uint64_t like; /**< LEG_OFFER: put this leg's codec first; 0 none */
	uint8_t family;  /**< LEG_OFFER: 4 or 6                           */
	uint8_t n_nets;
	uint8_t web;     /**< LEG_ANSWER: 1: the peer is a browser (WebRTC);
			      "like" then says whose codec is answered    */
	uint8_t srtp;    /**< enum wire_srtp, of a new leg: what its offers
			      and answers say (RFC 4568)                  */
	uint8_t spare[4];
	/** Networks the peer's sound may come from besides the address in
	 *  its SDP: the address its SIP comes from, since phones behind
	 *  address translation do not know their own. */
	struct wire_addr nets[WIRE_NETS];
};

struct wire_leg {
	uint64_t leg;
};

/*
 * LEG_UP: a browser's leg has proved its address (ICE, RFC 8445) and its keys
 * (DTLS-SRTP, RFC 5764): sound can flow. LEG_DEAD: it closed, its keys are not
 * those of its SDP, it was not up within ten seconds, or was silent (consent,
 * RFC 7675) for as long. Nothing more comes from it; LEG_CLOSE is still to be
 * said.
 */

/**
 * LEG_KEEP: media holds the blob (LIMIT_KEPT) with the leg, and cannot read it:
 * what the next line needs to go on with its dialog, should this one die
 * (line/kept.h). It takes the place of the one before; empty: none. Wiped when
 * it is replaced, and with the leg. REFUSED: ENOENT no such leg, EFBIG.
 *
 * A line that is gone leaves its legs as they are: joined, hearing what they
 * hear; messages that are being recorded end. A leg without a line is closed
 * when its peer has sent no sound for LIMIT_ORPHAN_S, or after
 * LIMIT_ORPHAN_MOST_S.
 *
 * LEG_NEXT: which leg comes after this number; 0: the first. LEG_KEPT tells its
 * number and what is held with it. REFUSED, ENOENT: there is none.
 */
enum wire_kept {
	WIRE_KEPT_WEB = 1 << 0, /**< a browser's leg                       */
	WIRE_KEPT_UP = 1 << 1,  /**< LEG_UP was said of it, and not LEG_DEAD */
};
struct wire_leg_kept {
	uint64_t leg;
	uint32_t flags; /**< of enum wire_kept                             */
	uint32_t spare;
};

/**
 * LINE_KEEP: the same of no leg: what the next line has to know besides. All
 * media processes hold it; LINE_FIND asks for it, and LINE_KEPT says which is
 * the newest.
 */
struct wire_line_kept {
	uint64_t at; /**< when it was said: monotonic ms; 0 it never was       */
};

/** LEG_SDP: the blob is our SDP. */
struct wire_leg_sdp {
	uint64_t leg;
};

/** LEG_PLAY: from now on this leg hears the prompts, one after the other. */
struct wire_leg_play {
	uint64_t leg;
	char language[LIMIT_LANGUAGE];
	/** "greeting", "hold"; "es/greeting" in another language */
	char prompt[LIMIT_PLAYLIST][LIMIT_PROMPT];
	uint8_t n_prompts;
	uint8_t loop; /**< 1: the last prompt goes on until told otherwise;
			   else comfort noise follows, and LEG_PLAYED     */
	uint8_t spare[2];
	uint32_t serial; /**< LEG_PLAYED says it; 0: no LEG_PLAYED        */
};

/** LEG_PLAYED: the list was heard to its end (not: it was replaced). */
struct wire_leg_played {
	uint64_t leg;
	uint32_t serial;
	uint32_t spare;
};

/**
 * LEG_RECORD: write down what comes in on this leg, into message `name` of the
 * message folder (src/media/message.h), until LEG_STOP, LEG_CLOSE, LEG_BRIDGE,
 * LEG_HEAR, max_ms, or an error. The leg hears comfort noise meanwhile.
 *
 * If there is such a message already, this is another part of it and follows
 * what is there: LIMIT_MESSAGE_ALL_S in all, with what fills up each part
 * (src/seal/stream.h). A later part without any voice leaves the message as it
 * was before.
 *
 * Refused: EEXIST what is there is no message, EFBIG no more fits into it,
 * EBUSY one is being recorded on this leg, EINVAL that is no key to seal to,
 * ENOSPC, EIO (also: the disk does not answer), ENOENT no such leg.
 */
struct wire_leg_record {
	uint64_t leg;
	uint64_t name;   /**< number of the call */
	uint32_t max_ms;
	uint32_t spare;
	uint64_t epoch;      /**< of the key, as it stands in the file     */
	uint8_t public[32];  /**< of whoever may open it: it is sealed to
				  this key before it is written            */
};

/** LEG_RECORDED, exactly once for each LEG_RECORD that was DONE, about this part
 *  alone. A disk that does not answer is not waited for: after ten seconds err
 *  is EIO, and the rest is written once it does. */
struct wire_leg_recorded {
	uint64_t leg;
	uint64_t name;
	uint32_t ms;        /**< of sound written, all on disk             */
	uint32_t voiced_ms; /**< of these, not silence                     */
	int32_t err;        /**< 0, or why it ended early: ENOSPC, EIO,
				 EFBIG no more fits into the message       */
	uint32_t spare;
};

/**
 * LEG_SEND_KEY: press a key for the peer (RFC 4733), as soon as it has spoken
 * and then been quiet for quiet_ms, at most_ms from now at the latest. Whatever
 * the leg hears or whom it is joined with goes on.
 */
struct wire_leg_send_key {
	uint64_t leg;
	uint32_t quiet_ms;
	uint32_t most_ms;
	uint8_t code;    /**< as in LEG_DIGIT */
	uint8_t spare[7];
};

/** LEG_BRIDGE: these two hear each other; whatever played stops. */
struct wire_bridge {
	uint64_t a;
	uint64_t b;
};

/** How many others a leg can hear. */
enum { WIRE_HEARS = 4 };

/**
 * LEG_HEAR: from now on this leg hears these, mixed if several; whatever played
 * on it stops, and so does its recording. n 0: comfort noise, as while none of
 * them sends. Who hears this leg, and whom the others hear, stays as it is: of
 * a bridge the other half goes on. Keys are told of (LEG_DIGIT) and heard by
 * those who hear this leg alone. A leg that ends is left out of the rest.
 *
 * LEG_PLAY, LEG_RECORD, LEG_BRIDGE and the next LEG_HEAR take its place.
 *
 * Refused, and then nothing changes: EINVAL more than WIRE_HEARS, one twice, or
 * the leg itself; ENOENT no such leg; ENOSPC.
 */
struct wire_leg_hear {
	uint64_t leg;
	uint64_t from[WIRE_HEARS];
	uint32_t n;
	uint32_t spare;
};

/** A key was pressed (once each, RFC 4733 repeats folded). Never logged. */
struct wire_leg_digit {
	uint64_t leg;
	uint8_t code; /**< 0-9, 10 *, 11 #, 12-15 A-D */
	uint8_t spare[7];
};

/** Numbers of a leg's life, in the reply to LEG_CLOSE. */
struct wire_leg_stats {
	uint64_t leg;
	uint64_t n_received; /**< valid RTP packets from the peer          */
	uint64_t n_sent;
	uint64_t n_lost;     /**< by sequence numbers                      */
	uint64_t n_dropped;  /**< from strangers, or not RTP as negotiated */
};

struct wire_status {
	uint32_t n_arriving;
	uint32_t n_waiting; /**< waiting or offered                        */
	uint32_t n_talking;
	uint32_t n_on_duty;
	uint8_t n_media;    /**< media processes                           */
	uint8_t n_media_up; /**< of these, how many answer                 */
	uint8_t flood;      /**< more calls come than people make          */
	uint8_t behind;     /**< records wait for the store                */
	uint32_t n_turned_away; /**< in it, or in the last one             */
	uint32_t n_number_waits; /**< promises whose number nobody here can
				      open: a coordinator's page can       */
	uint32_t n_unbacked; /**< promises whose number no page could bring
				  back: there was no recovery key          */
	uint32_t n_rung_back; /**< callers, within 24 hours, ...           */
	uint32_t most_rung_back; /**< of so many; 0 no limit               */
	uint32_t rung_back_s; /**< all are used up: seconds until the next
				   may be; else 0                          */
	uint32_t n_behind;  /**< calls whose record is not up to date      */
	uint32_t behind_s;  /**< records wait for the store for so long, the
				 first second is 1; 0 none do              */
	uint32_t flood_s;   /**< likewise, of .flood                       */
	uint32_t media_s;   /**< of media processes that do not answer, after
				 five seconds                              */
};

/** TRUNK_SECRET: what stands in a file that a trunk's row is about to name,
 *  before TRUNKS_CHANGED. A line that is shut in (base/sandbox.h) may not
 *  open files that nothing named when it started. Whoever gets it wipes it. */
struct wire_trunk_secret {
	char file[LIMIT_PATH];
	char secret[LIMIT_URI]; /**< without the line's end               */
};

/** KEY_IS: the dialler's private key (src/epoch/numbers.h), for the keeper
 *  that has adopted this line: KEY_TAKE of anybody but the process that holds
 *  run/keeper.lock is REFUSED, EPERM. Whoever gets it wipes it. */
struct wire_key {
	uint8_t private[32];
};

/** STATUS_IS carries an array of these as its blob: one per trunk. */
enum wire_trunk_state {
	WIRE_TRUNK_STATIC = 0,
	WIRE_TRUNK_TRYING,     /**< REGISTER is out, or waits for a retry  */
	WIRE_TRUNK_REGISTERED,
	WIRE_TRUNK_REFUSED,    /**< credentials or account refused         */
};
struct wire_trunk {
	char name[LIMIT_NAME];
	uint32_t state;
	char why[92]; /**< its certificate is refused: plain words; else "" */
};

/** What somebody does about a promise. */
enum wire_promise_verb {
	WIRE_PROMISE_TAKE = 0, /**< person owns it from now on              */
	WIRE_PROMISE_KEEP,     /**< dealt with, by person (0 nobody)        */
	WIRE_PROMISE_CLOSE,    /**< reason: enum close_reason               */
	WIRE_PROMISE_SNOOZE,   /**< due minutes later                       */
	WIRE_PROMISE_RING,     /**< ring back at the next turn              */
	WIRE_PROMISE_VERBS
};

/** PROMISE: answered DONE when it is on record. REFUSED: ENOENT no open
 *  promise of this call, ERANGE snoozed too often or too far, EPERM there is
 *  no number, ENOKEY it waits (NUMBER_BACK), EBUSY being rung right now or the caller is on the line. */
struct wire_promise {
	uint64_t call;
	uint32_t verb;
	uint32_t person;
	uint32_t reason;
	uint32_t minutes;
};

/** FORGET: whatever is kept of a call is deleted, and what is owed to its
 *  caller ends; on record as done by person (0: at the command line). DONE when
 *  it is off the disk. REFUSED: ENOENT there is nothing of this call, EBUSY the
 *  caller is on the line or being rung back, or it is being forgotten already;
 *  ENOSPC, EIO, ... it is not gone, or not all of it: to be asked again. */
struct wire_forget {
	uint64_t call;
	uint32_t person;
	uint32_t spare;
};

/** NUMBER_BACK: numbers of promises wait, and the page of somebody entitled has
 *  sealed them to the dialler's key "dialler"; the blob is an array of rows.
 *  NUMBER_TAKEN says how many can be rung now: one that does not wait (any
 *  more), or is not the number of its call, is left out. REFUSED: ESTALE that
 *  is not our key. */
struct wire_number_back {
	uint32_t dialler;
	uint32_t person;  /**< whose page, for the record                    */
};

struct wire_number_row {
	uint64_t call;
	uint8_t sealed[200];
};

struct wire_number_taken {
	uint32_t n;
	uint32_t spare;
};

/** LEG_QUALITY: about every five seconds, of a browser's leg whose sound
 *  flows: what it reports of us, and we measure of it (RFC 3550, 6.4). */
struct wire_leg_quality {
	uint64_t leg;
	uint16_t lost_there; /**< per mille of our packets since the last one */
	uint16_t lost_here;  /**< per mille of theirs                         */
	uint16_t jitter_ms;  /**< the greater of both sides                   */
	uint16_t rtt_ms;     /**< 0 if not known yet                          */
};

/* ---- line and web: counsellors in the browser ---------------------------- */

/** CONSOLE: a person's page is open and alive (present 1), or is not any more
 *  (0). Present is answered with DONE, then a COUNSELLOR event. Whoever is on
 *  duty without a phone of their own can be rung only while present. Said anew
 *  for everybody when web has reconnected; the line waits so long for that. */
struct wire_console {
	uint32_t person;
	uint32_t present;
};

/** What a counsellor is asked to take. */
enum wire_ring_kind {
	WIRE_RING_CALLER = 0,
	WIRE_RING_BACK,       /**< accepting rings the caller back           */
	WIRE_RING_CONSULT,    /**< asked_by, who talks with a caller, asks for
				   advice                                    */
};

/** Where the outside party of a talk is. */
enum wire_third_state {
	WIRE_THIRD_NONE = 0,
	WIRE_THIRD_RINGING,
	WIRE_THIRD_THERE,     /**< hears and is heard                        */
};

/** Who may listen to one talk at one time. */
enum { WIRE_LISTENERS = 3 };

/**
 * COUNSELLOR: the whole truth about one person, whenever any of it changes
 * and they have a console. Never a number.
 *
 * asked_by, guest, guest_state, third, third_state, listeners and whispers
 * are about the talk (asked_by: also the ring) that they are in, as its
 * counsellor or as its guest; 0 outside one.
 */
struct wire_counsellor {
	uint64_t offer;   /**< of this ring or talk; 0 none                  */
	uint64_t call;    /**< number of the call; 0 none                    */
	int64_t since;    /**< when the caller arrived: Unix ms; 0           */
	int64_t until;    /**< end of ring, wrap-up or rest: Unix ms; 0      */
	uint64_t listening; /**< call that they listen to; 0                 */
	uint32_t person;
	uint32_t asked_by;  /**< whose guest they are, or are asked to be; 0 */
	uint32_t guest;     /**< person who is asked for advice; 0           */
	uint32_t listeners[WIRE_LISTENERS]; /**< persons; 0                  */
	uint8_t state;    /**< enum person_state of core.h                   */
	uint8_t call_state; /**< enum call_state: CALL_DIALLING, ...; 0      */
	uint8_t kind;     /**< enum wire_ring_kind                           */
	uint8_t line;     /**< index of the configuration                    */
	char language[LIMIT_LANGUAGE]; /**< of the caller                    */
	uint8_t held;     /**< 1: the caller hears hold sound                */
	uint8_t browser;  /**< 1: accepted in the browser, 0: by phone       */
	uint8_t on_duty;
	uint8_t guest_state; /**< enum guest_state of core.h                 */
	uint8_t third;       /**< place in the line's list "third", from 1 on;
				  0 none                                     */
	uint8_t third_state; /**< enum wire_third_state                      */
	uint8_t whispers;    /**< 1: a listener can be heard by them         */
	uint8_t whispering;  /**< 1: where they listen, they can be heard by
				  the counsellor                             */
	uint8_t plan;        /**< 1: the caller has a care plan              */
	uint8_t sound_lost;  /**< 1: the media process died: the page is to
				  offer its sound anew (RING_SOUND)          */
	uint8_t cut_off;     /**< 1, in the wrap-up: the caller was cut off by
				  a fault of ours, and is owed a promise     */
	uint8_t spare[1];
};

/** RING_SOUND: the blob is the browser's SDP offer for a ring that is out;
 *  answered RING_SDP. May be asked before accepting, so that sound is ready by
 *  then. REFUSED: ENOENT no such ring of theirs (any more), EPROTO, ENOTSUP,
 *  ENOSPC, ENOTCONN as LEG_ANSWER. Once for each ring; again, and the first
 *  one is closed. Also in a talk whose sound was lost. */
struct wire_ring {
	uint64_t offer;
	uint32_t person;
	uint32_t spare;
};

/** What a counsellor does at the console. */
enum wire_verb {
	WIRE_VERB_ACCEPT = 0, /**< needs RING_SOUND before                   */
	WIRE_VERB_DECLINE,    /**< "skip"; stops their own phone too         */
	WIRE_VERB_HANG_UP,
	WIRE_VERB_HOLD,       /**< the caller hears hold sound               */
	WIRE_VERB_RESUME,
	WIRE_VERB_KEY,        /**< .key is pressed for the caller's side     */
	WIRE_VERB_READY,      /**< wrap-up is over                           */
	WIRE_VERB_CONSULT,    /**< ask .other for advice, 0 whoever is free  */
	WIRE_VERB_CONSULT_END, /**< without them again                       */
	WIRE_VERB_THREE,      /**< the caller hears both counsellors         */
	WIRE_VERB_HAND_OVER,  /**< the other counsellor goes on alone        */
	WIRE_VERB_THIRD,      /**< ring place .other of the line's "third"   */
	WIRE_VERB_THIRD_END,
	WIRE_VERB_WHISPER,    /**< .key 1: the counsellor hears this listener;
				   0: nobody does                            */
	WIRE_VERB_LISTEN_END,
	WIRE_VERBS
};

/** COUNSELLOR_DO: DONE when it is under way; the COUNSELLOR event tells the
 *  outcome. REFUSED: ENOENT not theirs or over, EPROTO not now, EINVAL; EBUSY
 *  who is asked for is not free, or there is somebody already; EPERM the line
 *  does not allow it, or who is asked for does not answer this line;
 *  ENETUNREACH no trunk can dial out; EIO it cannot be put on record. */
struct wire_do {
	uint64_t offer;   /**< READY, WHISPER, LISTEN_END: 0                 */
	uint32_t person;
	uint32_t verb;
	uint32_t key;     /**< as in LEG_DIGIT                               */
	uint32_t other;   /**< CONSULT: person; THIRD: place, from 0 on      */
};

/** LISTEN: the blob is the browser's SDP offer; answered RING_SDP (offer 0).
 *  From then on this person hears the talk, and nobody hears them. It is on
 *  record, and the counsellor was told, before the first sound flows. REFUSED
 *  as RING_SOUND, and: ENOENT there is no such talk, EPERM its line does not
 *  allow it, EBUSY they are on duty, have a call, listen already, or
 *  WIRE_LISTENERS do, EHOSTUNREACH the counsellor, or their guest, has no page
 *  open that could show it, EACCES they have none themselves, EIO it cannot be put on record. */
struct wire_listen {
	uint64_t call;
	uint32_t person;
	uint32_t spare;
};

/** Why somebody looks at a caller's number. */
enum wire_look_why {
	WIRE_LOOK_EMERGENCY = 0, /**< a life is in danger                    */
	WIRE_LOOK_CUT_OFF,       /**< to call back should they be cut off    */
	WIRE_LOOK_ABUSE,         /**< they threaten or abuse                 */
	WIRE_LOOK_AGREED,        /**< the caller agreed                      */
	WIRE_LOOKS
};

/** NUMBER_LOOK: the number of who they talk with; it is on record before the
 *  answer, NUMBER_IS with the number as its blob. REFUSED: ENOENT not their
 *  talk (any more), EPROTO not talking just now, EPERM the line does not show
 *  numbers, ENODATA the caller withholds it, EDQUOT too often within the hour,
 *  EINVAL, or it could not be put on record. */
struct wire_look {
	uint64_t offer;
	uint32_t person;
	uint32_t why;     /**< enum wire_look_why                            */
};

/* ---- marks: callers who are blocked, or have a care plan (store/mark.h) --- */

/** MARK_MAKE: seal the number of a talk (.offer, of .person), or of an open
 *  promise (.call), for a mark that web is about to write, and remember who is
 *  meant. Answered MARK_MADE. REFUSED: ENOENT not theirs, or over, EPROTO not
 *  talking just now, ENODATA there is no number, ENOKEY the line has no key to
 *  seal to, ENOSPC there are LIMIT_MARKS, EEXIST a mark of this kind, that
 *  is not due, is known of them already, EINVAL. */
struct wire_mark {
	uint64_t mark;    /**< id, made at random by web                     */
	uint64_t offer;   /**< 0: .call it is                                */
	uint64_t call;
	uint32_t person;
	uint32_t kind;    /**< enum store_mark_kind                          */
};

/** MARK_MADE: the blob is the number, sealed to this epoch. */
struct wire_marked {
	uint64_t mark;
	uint64_t call;
	uint64_t epoch;
	uint32_t line;    /**< index of the configuration                    */
	uint32_t spare;
};

/** MARK_INDEX: whose number these marks are about, sealed to the dialler key;
 *  the blob is an array of wire_mark_number. Answered DONE, whoever it is.
 *  REFUSED: ESTALE another dialler key by now, EBADMSG one of them does not
 *  open, EDQUOT this person has said too many anew within the hour. */
struct wire_mark_index {
	uint32_t person;
	uint32_t dialler;
};
enum { WIRE_NUMBER = 200, WIRE_MARKS_MOST = 64 };
struct wire_mark_number {
	uint64_t mark;
	uint8_t sealed[WIRE_NUMBER];
};

/** MARKS_IS: the blob is an array of ids (64 bits): whose number is known. */
struct wire_marks {
	int64_t day;      /**< another one each day, when all are forgotten  */
};

/** BOARD: rows from this place on, as many as fit. */
struct wire_board {
	uint32_t what;    /**< 0 calls, 1 people                             */
	uint32_t first;
};

/** BOARD_IS: the blob is an array of these, */
struct wire_board_call {
	uint64_t call;
	int64_t since;    /**< arrived: Unix ms                              */
	uint32_t person;  /**< talking with, 0                               */
	uint8_t state;    /**< enum call_state                               */
	uint8_t line;
	char language[LIMIT_LANGUAGE];
	uint8_t plan;     /**< 1: the caller has a care plan                 */
	uint8_t spare[1];
};

/** or of these. */
struct wire_board_person {
	uint64_t call;    /**< 0 none                                        */
	uint32_t person;
	uint8_t state;    /**< enum person_state                             */
	uint8_t browser;  /**< 1: has a console open                         */
	uint8_t spare[2];
};

/** BOARD_CHANGED: at least one of them has. Of a promise, what the store holds
 *  of it; that may follow a moment later. */
struct wire_changed {
	uint32_t board;    /**< 1: rows of BOARD_IS                          */
	uint32_t promises; /**< 1: one was made, is dealt with, has changed  */
	uint32_t marks;    /**< 1: one is known, or not any more             */
	uint32_t alarms;   /**< 1: what STATUS_IS says of .behind_s, .flood_s,
				.media_s                                     */
};

/** SOUND_QUALITY: of a counsellor's talk in the browser, as LEG_QUALITY. */
struct wire_sound_quality {
	uint32_t person;
	uint16_t lost_there, lost_here, jitter_ms, rtt_ms;
	uint16_t spare[2];
};

/*
 * name, from, to, payload, flags
 */
#define WIRE_MESSAGES(X)                                                      \
	X(HELLO, WIRE_ANY, WIRE_ANY, wire_hello, 0)                           \
	X(DONE, WIRE_ANY, WIRE_ANY, wire_none, WIRE_REPLY)                    \
	X(REFUSED, WIRE_ANY, WIRE_ANY, wire_refused, WIRE_REPLY)              \
                                                                              \
	X(BEAT, WIRE_LINE | WIRE_TOOL, WIRE_MEDIA, wire_none, WIRE_ASKS)      \
	X(MEDIA_RESET, WIRE_LINE, WIRE_MEDIA, wire_none, WIRE_ASKS)           \
	X(MEDIA_LEAVES, WIRE_MEDIA, WIRE_LINE, wire_none, WIRE_EVENT)         \
	X(MEDIA_MAY_GO, WIRE_LINE, WIRE_MEDIA, wire_none, WIRE_ASKS)          \
	X(LEG_OFFER, WIRE_LINE, WIRE_MEDIA, wire_leg_open, WIRE_ASKS)         \
	X(LEG_ANSWER, WIRE_LINE, WIRE_MEDIA, wire_leg_open,                   \
	  WIRE_ASKS | WIRE_BLOB)                                              \
	X(LEG_ACCEPT, WIRE_LINE, WIRE_MEDIA, wire_leg, WIRE_ASKS | WIRE_BLOB) \
	X(LEG_SDP, WIRE_MEDIA, WIRE_LINE, wire_leg_sdp,                       \
	  WIRE_REPLY | WIRE_BLOB)                                             \
	X(LEG_PLAY, WIRE_LINE, WIRE_MEDIA, wire_leg_play, WIRE_ASKS)          \
	X(LEG_BRIDGE, WIRE_LINE, WIRE_MEDIA, wire_bridge, WIRE_ASKS)          \
	X(LEG_HEAR, WIRE_LINE, WIRE_MEDIA, wire_leg_hear, WIRE_ASKS)          \
	X(LEG_CLOSE, WIRE_LINE, WIRE_MEDIA, wire_leg, WIRE_ASKS)              \
	X(LEG_STATS, WIRE_MEDIA, WIRE_LINE, wire_leg_stats, WIRE_REPLY)       \
	X(LEG_DIGIT, WIRE_MEDIA, WIRE_LINE, wire_leg_digit, WIRE_EVENT)       \
	X(LEG_PLAYED, WIRE_MEDIA, WIRE_LINE, wire_leg_played, WIRE_EVENT)     \
	X(LEG_RECORD, WIRE_LINE, WIRE_MEDIA, wire_leg_record, WIRE_ASKS)      \
	X(LEG_STOP, WIRE_LINE, WIRE_MEDIA, wire_leg, WIRE_ASKS)               \
	X(LEG_RECORDED, WIRE_MEDIA, WIRE_LINE, wire_leg_recorded, WIRE_EVENT) \
	X(LEG_SEND_KEY, WIRE_LINE, WIRE_MEDIA, wire_leg_send_key, WIRE_ASKS)  \
	X(LEG_UP, WIRE_MEDIA, WIRE_LINE, wire_leg, WIRE_EVENT)                \
	X(LEG_DEAD, WIRE_MEDIA, WIRE_LINE, wire_leg, WIRE_EVENT)              \
	X(LEG_QUALITY, WIRE_MEDIA, WIRE_LINE, wire_leg_quality, WIRE_EVENT)   \
	X(LEG_KEEP, WIRE_LINE, WIRE_MEDIA, wire_leg, WIRE_ASKS | WIRE_BLOB)   \
	X(LEG_NEXT, WIRE_LINE, WIRE_MEDIA, wire_leg, WIRE_ASKS)               \
	X(LEG_KEPT, WIRE_MEDIA, WIRE_LINE, wire_leg_kept,                     \
	  WIRE_REPLY | WIRE_BLOB)                                             \
	X(LINE_KEEP, WIRE_LINE, WIRE_MEDIA, wire_line_kept,                   \
	  WIRE_ASKS | WIRE_BLOB)                                              \
	X(LINE_FIND, WIRE_LINE, WIRE_MEDIA, wire_none, WIRE_ASKS)             \
	X(LINE_KEPT, WIRE_MEDIA, WIRE_LINE, wire_line_kept,                   \
	  WIRE_REPLY | WIRE_BLOB)                                             \
                                                                              \
	X(STATUS, WIRE_CLIENT, WIRE_LINE, wire_none, WIRE_ASKS)               \
	X(STATUS_IS, WIRE_LINE, WIRE_CLIENT, wire_status,                     \
	  WIRE_REPLY | WIRE_BLOB)                                             \
	X(PEOPLE_CHANGED, WIRE_CLIENT, WIRE_LINE, wire_none, WIRE_ASKS)       \
	X(TRUNK_SECRET, WIRE_TOOL, WIRE_LINE, wire_trunk_secret, WIRE_ASKS)   \
	X(TRUNKS_CHANGED, WIRE_TOOL, WIRE_LINE, wire_none, WIRE_ASKS)         \
	X(PROMISE, WIRE_CLIENT, WIRE_LINE, wire_promise, WIRE_ASKS)           \
	X(FORGET, WIRE_CLIENT, WIRE_LINE, wire_forget, WIRE_ASKS)             \
	X(KEY_TAKE, WIRE_TOOL, WIRE_LINE, wire_none, WIRE_ASKS)               \
	X(KEY_IS, WIRE_LINE, WIRE_TOOL, wire_key, WIRE_REPLY)                 \
	X(NUMBER_BACK, WIRE_WEB, WIRE_LINE, wire_number_back,                 \
	  WIRE_ASKS | WIRE_BLOB)                                              \
	X(NUMBER_TAKEN, WIRE_LINE, WIRE_WEB, wire_number_taken, WIRE_REPLY)   \
                                                                              \
	X(CONSOLE, WIRE_WEB, WIRE_LINE, wire_console, WIRE_ASKS)              \
	X(COUNSELLOR, WIRE_LINE, WIRE_WEB, wire_counsellor, WIRE_EVENT)       \
	X(RING_SOUND, WIRE_WEB, WIRE_LINE, wire_ring, WIRE_ASKS | WIRE_BLOB)  \
	X(RING_SDP, WIRE_LINE, WIRE_WEB, wire_ring, WIRE_REPLY | WIRE_BLOB)   \
	X(COUNSELLOR_DO, WIRE_WEB, WIRE_LINE, wire_do, WIRE_ASKS)             \
	X(NUMBER_LOOK, WIRE_WEB, WIRE_LINE, wire_look, WIRE_ASKS)             \
	X(NUMBER_IS, WIRE_LINE, WIRE_WEB, wire_look, WIRE_REPLY | WIRE_BLOB)  \
	X(LISTEN, WIRE_WEB, WIRE_LINE, wire_listen, WIRE_ASKS | WIRE_BLOB)    \
	X(MARK_MAKE, WIRE_WEB, WIRE_LINE, wire_mark, WIRE_ASKS)               \
	X(MARK_MADE, WIRE_LINE, WIRE_WEB, wire_marked,                        \
	  WIRE_REPLY | WIRE_BLOB)                                             \
	X(MARKS_CHANGED, WIRE_CLIENT, WIRE_LINE, wire_none, WIRE_ASKS)        \
	X(MARK_INDEX, WIRE_WEB, WIRE_LINE, wire_mark_index,                   \
	  WIRE_ASKS | WIRE_BLOB)                                              \
	X(MARKS, WIRE_WEB, WIRE_LINE, wire_none, WIRE_ASKS)                   \
	X(MARKS_IS, WIRE_LINE, WIRE_WEB, wire_marks, WIRE_REPLY | WIRE_BLOB)  \
	X(BOARD, WIRE_WEB, WIRE_LINE, wire_board, WIRE_ASKS)                  \
	X(BOARD_IS, WIRE_LINE, WIRE_WEB, wire_board, WIRE_REPLY | WIRE_BLOB)  \
	X(BOARD_CHANGED, WIRE_LINE, WIRE_WEB, wire_changed, WIRE_EVENT)       \
	X(SOUND_QUALITY, WIRE_LINE, WIRE_WEB, wire_sound_quality, WIRE_EVENT)

enum wire_type {
#define X(name, from, to, payload, flags) WIRE_##name,
	WIRE_MESSAGES(X)
#undef X
	WIRE_TYPES
};

struct wire_hdr {
	uint32_t type;   /**< enum wire_type                              */
	uint32_t n_blob; /**< trailing bytes                              */
	uint64_t id;     /**< of the request; 0 for HELLO and events      */
};

/** A checked message; payload and blob point into the packet (borrow). */
struct wire_msg {
	enum wire_type type;
	uint64_t id;
	const void *payload;
	const uint8_t *blob;
	size_t n_blob;
};

/** Bytes of the longest message. */
size_t wire_max(void);

/** Hash of names, order, sizes and rights of all messages. */
uint64_t wire_hash(void);

const char *wire_name(enum wire_type type);
size_t wire_size(enum wire_type type);
bool wire_is(enum wire_type type, enum wire_flags flag);

/**
 * Check a packet before any handler sees it
 *
 * @param msg  Set on success (borrow from pkt)
 * @param pkt  The packet; must be aligned as malloc aligns
 * @param n    Its bytes
 * @param from Role of the sender
 * @param to   Role of the receiver
 *
 * @return 0; EBADMSG wrong length, type, blob or id; EPERM from may not send
 *         this to "to"
 */
int wire_check(struct wire_msg *msg, const void *pkt, size_t n,
	       enum wire_role from, enum wire_role to);

#endif
